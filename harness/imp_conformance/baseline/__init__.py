"""Known differences: a file that people keep, and the gate that it makes."""
