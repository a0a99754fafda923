"""What is set on this till."""
