"""Tests of pos_app/services/."""
