"""Optimised masks: MaRC, meaningful and extremal perturbation."""

__all__: list[str] = []
