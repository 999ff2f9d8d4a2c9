"""Shows people what is live, what waits and why."""
