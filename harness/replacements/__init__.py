"""What can stand in place of imp: measures it, and makes the page about it: `nox -s replacements`."""
