"""Explainers: functions from a score to its explanation, one family a file."""
