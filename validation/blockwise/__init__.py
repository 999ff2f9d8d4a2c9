"""Figures of a data set from tallies over blocks of its rows: on one machine or on many."""
