"""The trainer as a service: takes requests from the queue `training`, one at a time."""
