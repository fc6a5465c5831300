"""Finds the uses of imp in a program's source, the clauses that each needs, and what published targets do with these."""
