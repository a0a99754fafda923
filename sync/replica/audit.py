"""The figures by which till and cloud compare a bucket: rows, versions, and a mix of keys and versions."""

import hashlib

import msgspec

from sync.messages import TableAudit
from sync.replica.store import Connection
from sync.replica.tables import TableSpec, tables_of

_ROWS_AT_ONCE = 10_000
_MIX_HEX_DIGITS = 32


def audit_bucket(conn: Connection, bucket: str) -> dict[str, TableAudit]:
    """The figures of every table of a bucket, as this file holds it now."""
    return {spec.name: _audit_table(conn, spec) for spec in tables_of(bucket)}


def _audit_table(conn: Connection, spec: TableSpec) -> TableAudit:
    """``mix`` is the SHA-256 over the JSON arrays [key…, ver] in key order, 32 hex digits of it."""
    keys = ", ".join(spec.key_names)
    rows = conn.execute(f"SELECT {keys}, ver FROM {spec.name} ORDER BY {keys}")  # noqa: S608 own names
    count, sum_ver, digest = 0, 0, hashlib.sha256()
    while batch := rows.fetchmany(_ROWS_AT_ONCE):
        count += len(batch)
        sum_ver += sum(row[-1] for row in batch)
        digest.update(b"\n".join(map(msgspec.json.encode, batch)) + b"\n")
    return TableAudit(n=count, sum_ver=sum_ver, mix=digest.hexdigest()[:_MIX_HEX_DIGITS])
