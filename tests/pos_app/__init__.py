"""Tests of pos_app/, which mirror its files."""
