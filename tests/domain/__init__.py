"""Tests of domain/, which mirror its files."""
