"""The pay screen."""
