"""The conformance suite for Python's imp module: what CPython's imp did, and who still does it."""

__version__ = "0.1.0"
