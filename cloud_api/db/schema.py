"""All tables in one place: importing this module fills METADATA, as migrations and tests need it."""

from cloud_api.db import master_tables, rule_tables, sync_tables
from cloud_api.db.metadata import METADATA

__all__ = ["METADATA", "master_tables", "rule_tables", "sync_tables"]
