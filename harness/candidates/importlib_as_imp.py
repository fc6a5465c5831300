"""`import importlib as imp`: the change of one line that the deprecation's text, "in favour of importlib", suggests.

It is what many projects did, those that call nothing but reload. Of imp's functions, importlib has reload under the same name, and
no other.
"""

from importlib import reload

__all__ = ["reload"]
