"""What the cloud does: one file per noun, each working inside a unit of work that it is given."""
