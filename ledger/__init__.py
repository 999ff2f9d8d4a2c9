"""Remembers: what came in, what was seen, judged, approved, done and told."""
