"""Tests of pos_app/devices/."""
