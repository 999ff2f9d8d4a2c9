"""Many trainings in search of the best settings: shared by processes, tracked as one, registered once."""
