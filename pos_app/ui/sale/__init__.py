"""The sale screen and its panels."""
