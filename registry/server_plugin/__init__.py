"""Runs inside an MLflow server: writes stage changes down in MLflow's own transaction, and delivers them."""
