"""Explanations in words."""

from jxai.language.captioner import START, UNKNOWN, Captioner, teacher_forced
from jxai.language.decode import beam, greedy, sample
from jxai.language.flex import flex

__all__ = ["START", "UNKNOWN", "Captioner", "beam", "flex", "greedy", "sample", "teacher_forced"]
