"""Hold-outs on Spark: rows that fit no one machine are scored where they lie, and come back as tallies."""
