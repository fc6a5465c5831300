"""What the suite costs, as ratios to costs that cannot be avoided: `nox -s bench`."""
