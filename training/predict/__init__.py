"""Consumers: they ask whatever version is in service, one by one, for many rows on Spark, or without end."""
