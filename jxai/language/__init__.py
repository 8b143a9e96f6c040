"""Explanations in words."""

from jxai.language.captioner import START, UNKNOWN, Captioner, teacher_forced

__all__ = ["START", "UNKNOWN", "Captioner", "teacher_forced"]
