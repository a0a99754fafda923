"""Every key of the place where F1 was pressed."""
