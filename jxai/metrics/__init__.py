"""Measures of attributions: faithfulness, plausibility, axioms, localisation."""

from jxai.metrics.agreement import agreement_between, agreement_with, dont_know_rate
from jxai.metrics.axioms import completeness_gap
from jxai.metrics.binarising import best_fraction, kernel_regression, leave_one_out, top_words
from jxai.metrics.eraser import (
    comprehensiveness_aopc,
    rationale_comprehensiveness,
    rationale_sufficiency,
    sufficiency_aopc,
)
from jxai.metrics.faithfulness import deletion, deletion_curve, insertion, insertion_curve
from jxai.metrics.localisation import pointing_game, relevance_mass, relevance_rank
from jxai.metrics.plausibility import f1_of_means, iou_f1, mean_f1, span_agreement, token_agreement, token_f1
from jxai.metrics.precision_recall import area_under_precision_recall, average_precision, soft_average_precision
from jxai.metrics.resampling import bootstrap, wilson
from jxai.metrics.soft_faithfulness import soft_comprehensiveness, soft_sufficiency
from jxai.metrics.soft_plausibility import soft_iou_f1, soft_span_agreement, soft_token_agreement, soft_token_f1
from jxai.metrics.sufficiency import comprehensiveness, comprehensiveness_curve, sufficiency, sufficiency_curve

__all__ = [
    "agreement_between",
    "agreement_with",
    "area_under_precision_recall",
    "average_precision",
    "best_fraction",
    "completeness_gap",
    "bootstrap",
    "comprehensiveness",
    "comprehensiveness_aopc",
    "comprehensiveness_curve",
    "deletion",
    "deletion_curve",
    "dont_know_rate",
    "f1_of_means",
    "insertion",
    "insertion_curve",
    "iou_f1",
    "kernel_regression",
    "leave_one_out",
    "mean_f1",
    "pointing_game",
    "rationale_comprehensiveness",
    "rationale_sufficiency",
    "relevance_mass",
    "relevance_rank",
    "soft_average_precision",
    "soft_comprehensiveness",
    "soft_iou_f1",
    "soft_span_agreement",
    "soft_sufficiency",
    "soft_token_agreement",
    "soft_token_f1",
    "span_agreement",
    "sufficiency",
    "sufficiency_aopc",
    "sufficiency_curve",
    "token_agreement",
    "token_f1",
    "top_words",
    "wilson",
]
