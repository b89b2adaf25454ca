"""Loops in and out of the server: by path, or in chunks for controllers on another machine."""
