"""The rules of the shop: pure functions and values with no I/O, shared by till and cloud."""
