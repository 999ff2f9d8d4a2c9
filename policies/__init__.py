"""What teams write, and what it says of a candidate: the policy language, pure."""
