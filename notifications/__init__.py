"""Tells people: turns decisions into messages and sends them."""
