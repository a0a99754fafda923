"""Measurements of the real thing, each beside its raw limit from the same run; `make bench` runs them all."""
