"""A run: what is asked of which target, and what survives a kill."""
