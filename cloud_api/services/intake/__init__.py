"""Intake: journals as they come up, stored verbatim first, applied exactly once after."""
