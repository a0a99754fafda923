"""What a rule can say, and how the rules of a book are brought to a cart."""
