"""Receives registry events: verify, store, ring, 202."""
