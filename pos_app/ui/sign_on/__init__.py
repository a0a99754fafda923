"""Signing on, the locked screen and the watch for an idle till."""
