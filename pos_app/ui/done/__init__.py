"""The moment after a sale."""
