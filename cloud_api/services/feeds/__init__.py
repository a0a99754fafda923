"""Feeds: from committed changes to numbered groups, immutable pages, snapshots and news on open lines."""
