"""The embedded local stack: every server Gatehouse needs, on one machine, started and stopped as one."""
