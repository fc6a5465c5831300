"""Pytest underneath a run: an item a case and target."""
