"""Explanations in words."""

from jxai.language.captioner import START, UNKNOWN, Captioner, teacher_forced
from jxai.language.decode import beam, greedy, sample
from jxai.language.flex import flex
from jxai.language.losses import flex_loss, flex_objective, log_likelihood, spoken, word_log_probabilities

__all__ = [
    "START",
    "UNKNOWN",
    "Captioner",
    "beam",
    "flex",
    "flex_loss",
    "flex_objective",
    "greedy",
    "log_likelihood",
    "sample",
    "spoken",
    "teacher_forced",
    "word_log_probabilities",
]
