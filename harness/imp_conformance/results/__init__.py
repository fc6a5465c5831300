"""Verdicts, and the files and sets of results that they are kept in."""
