"""Benchmarks: what the promises in figures come to on this machine. `make bench` lists them."""
