"""The interface on a terminal."""
