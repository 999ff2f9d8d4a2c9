"""Who is at the console, how they came in, and what they may do."""
