"""Storage of the cloud: tables, engine, unit of work, migrations."""
