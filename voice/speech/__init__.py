"""Hearing and speaking: voice activity, endpointing, recognizers, synthesizers and the built-in models."""
