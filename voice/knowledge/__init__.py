"""Answers from the articles that a business writes: reading them, and finding the one that is asked for."""
