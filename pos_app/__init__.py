"""The till: a Qt cashier application that works entirely on local SQLite files."""

from sync.release import RELEASE

__version__ = RELEASE
