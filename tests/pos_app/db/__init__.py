"""Tests of pos_app/db/."""
