"""Proposes: trainers that make candidates and register them. They know the registry, nothing else of ours."""
