"""The till: a Qt cashier application that works entirely on local SQLite files."""
