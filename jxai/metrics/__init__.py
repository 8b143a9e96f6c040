"""Measures of attributions: faithfulness, axioms, localisation."""

from jxai.metrics.axioms import completeness_gap
from jxai.metrics.faithfulness import deletion, deletion_curve, insertion, insertion_curve
from jxai.metrics.localisation import pointing_game, relevance_mass, relevance_rank

__all__ = [
    "completeness_gap",
    "deletion",
    "deletion_curve",
    "insertion",
    "insertion_curve",
    "pointing_game",
    "relevance_mass",
    "relevance_rank",
]
