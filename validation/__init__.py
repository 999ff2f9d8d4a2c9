"""Measures candidates: runs models in a process of their own and computes the metrics outside it."""
