"""Slots: what a caller says, read as a value of the kind that was asked for, in both languages. Pure."""
