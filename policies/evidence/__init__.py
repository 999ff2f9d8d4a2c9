"""What policies judge: needs that gates ask for, findings that answer them, and the evidence of all of it."""
