"""The till: a Qt cashier application that works entirely on local SQLite files."""

__version__ = "0.1.0"
