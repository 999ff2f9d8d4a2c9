"""From a file of trips to train, validation and hold-out: written once in SQL, run by DuckDB or by Spark."""
