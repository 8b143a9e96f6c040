"""Explanations in words."""

from jxai.language.captioner import START, UNKNOWN, Captioner, teacher_forced
from jxai.language.decisions import Decision, decision_features, minimum_set
from jxai.language.vocabulary import STOP, Vocabulary, because, decode, encode, longest, tokenise, vocabulary

__all__ = [
    "START",
    "STOP",
    "UNKNOWN",
    "Captioner",
    "Decision",
    "Vocabulary",
    "because",
    "decision_features",
    "decode",
    "encode",
    "longest",
    "minimum_set",
    "teacher_forced",
    "tokenise",
    "vocabulary",
]
