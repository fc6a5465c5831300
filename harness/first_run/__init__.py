"""The picture of a failing run in the top README."""
