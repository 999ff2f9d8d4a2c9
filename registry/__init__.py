"""The words of a model registry, and the one door to MLflow."""
