"""Today's sales, their receipts and copies of them."""
