"""Scripts that show one case without this package."""
