"""Storage of the till: till.db with one repository per noun, and reads of the replica."""
