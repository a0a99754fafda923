"""The one MetaData of all cloud tables, and the column types that mean the same on both databases."""

from typing import Any

import sqlalchemy as sa

METADATA = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite numbers rows by itself only in a column whose type is exactly INTEGER.
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def serial(name: str) -> sa.Column[int]:
    """A primary key that the database counts up and never gives twice."""
    return sa.Column(name, NUMBER, primary_key=True, autoincrement=True)


def number(name: str, default: int | None = None, **options: Any) -> sa.Column[int]:
    """A 64-bit integer that is always there: amounts, times in ms, counters, flags (0 or 1)."""
    return sa.Column(name, NUMBER, nullable=False, default=default, **options)


def maybe_number(name: str) -> sa.Column[int | None]:
    """A 64-bit integer that may be missing."""
    return sa.Column(name, NUMBER, nullable=True)


def words(name: str, default: str | None = None, **options: Any) -> sa.Column[str]:
    """A text that is always there, perhaps empty; JSON is kept as text in its canonical form."""
    return sa.Column(name, sa.Text, nullable=False, default=default, **options)


def maybe_words(name: str) -> sa.Column[str | None]:
    """A text that may be missing."""
    return sa.Column(name, sa.Text, nullable=True)
