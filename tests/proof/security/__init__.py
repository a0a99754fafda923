"""Proofs against who wishes the shop ill."""
