"""Plots of a report: each from a sketch or a finding, drawn for the page as SVG and for messages as PNG."""
