"""Expressions: conditions in CEL that a policy's author writes where no structured gate says it."""
