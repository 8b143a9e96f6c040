"""Calibrated confidence, and the reject curve of a difficulty score."""

__all__: list[str] = []
