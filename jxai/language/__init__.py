"""Explanations in words."""

from jxai.language.captioner import START, UNKNOWN, Captioner, teacher_forced
from jxai.language.decode import beam, greedy, sample
from jxai.language.flex import flex
from jxai.language.gve import class_vectors, gve, gve_loss
from jxai.language.mme import mme, pointing
from jxai.language.reinforce import expected_reward, likelihood_loss, log_likelihood, sampling_log_likelihood
from jxai.language.sentence_classifier import (
    SentenceClassifier,
    class_reward,
    classification_loss,
    sentence_classifier,
)

__all__ = [
    "START",
    "UNKNOWN",
    "Captioner",
    "SentenceClassifier",
    "beam",
    "class_reward",
    "class_vectors",
    "classification_loss",
    "expected_reward",
    "flex",
    "greedy",
    "gve",
    "gve_loss",
    "likelihood_loss",
    "log_likelihood",
    "mme",
    "pointing",
    "sample",
    "sampling_log_likelihood",
    "sentence_classifier",
    "teacher_forced",
]
