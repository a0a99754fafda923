"""Tests that mirror the packages, with contract, end-to-end and bench suites beside them."""
