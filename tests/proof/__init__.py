"""Proofs of what docs/reliability.md promises, each with a test that shows that it can go red."""
