"""Does the work: takes events, gathers evidence, judges, applies decisions, sweeps."""
