"""How fast the suite is, as ratios of what it costs to what nothing could do without: for `nox -s bench`."""
