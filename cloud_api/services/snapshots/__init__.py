"""Snapshots: ready SQLite files of a bucket, made by a shadow till that runs the tills' own code."""
