"""What runs in a target: it observes what a candidate does, and never learns what was expected."""
