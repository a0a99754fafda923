"""What the till can do, one class per noun, without a screen: writes run on the database worker, reads are short."""
