"""Alembic's scripts: each version of the cloud's schema, in order."""
