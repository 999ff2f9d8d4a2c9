"""One gate kind per file: its options, what evidence it asks for, its judgement, its sentence."""
