"""Measures of attributions, insecurities and sentences: faithfulness, plausibility, localisation, risk, relevance."""

from jxai.metrics.ambiguity.ambiguity import attribute_ambiguity, object_ambiguity, select_insecurities
from jxai.metrics.ambiguity.crop import place_masks, place_points
from jxai.metrics.ambiguity.localisation import (
    mask_iou,
    point_precision_recall,
    precision_at_recall,
    random_mask_iou,
    random_point_precision_recall,
)
from jxai.metrics.calibration.calibration import calibration_error, fit_temperature
from jxai.metrics.calibration.risk_coverage import risk_coverage
from jxai.metrics.faithfulness.axioms import completeness_gap
from jxai.metrics.faithfulness.deletion import deletion, deletion_curve, insertion, insertion_curve
from jxai.metrics.faithfulness.eraser import (
    comprehensiveness_aopc,
    rationale_comprehensiveness,
    rationale_sufficiency,
    sufficiency_aopc,
)
from jxai.metrics.faithfulness.perturbation import infidelity, max_sensitivity
from jxai.metrics.faithfulness.soft import soft_comprehensiveness, soft_sufficiency
from jxai.metrics.faithfulness.sufficiency import (
    comprehensiveness,
    comprehensiveness_curve,
    sufficiency,
    sufficiency_curve,
)
from jxai.metrics.localisation import pointing_game, relevance_mass, relevance_rank
from jxai.metrics.plausibility.agreement import f1_of_means, iou_f1, mean_f1, span_agreement, token_agreement, token_f1
from jxai.metrics.plausibility.binarise import best_fraction, kernel_regression, leave_one_out, top_words
from jxai.metrics.plausibility.precision_recall import (
    area_under_precision_recall,
    average_precision,
    soft_average_precision,
)
from jxai.metrics.plausibility.soft import soft_iou_f1, soft_span_agreement, soft_token_agreement, soft_token_f1
from jxai.metrics.sentences.captions import (
    CaptionScores,
    bleu4,
    caption_scores,
    caption_tokens,
    cider_d,
    meteor_exact_stem,
    rouge_l,
)
from jxai.metrics.sentences.decision_relevance import drel, kinds_of, nearest_part, overlapping
from jxai.metrics.sentences.insight import class_terms, insight
from jxai.metrics.sentences.part_annotation import (
    Annotated,
    PartAnnotation,
    annotated_in_masks,
    annotated_near_points,
    part_annotation,
)
from jxai.metrics.sentences.shares import Shares, shares
from jxai.metrics.sentences.terms import Terms, mentioned_terms, object_terms
from jxai.metrics.studies.agreement import agreement_between, agreement_with, dont_know_rate
from jxai.metrics.studies.intervals import bootstrap, wilson

__all__ = [
    "Annotated",
    "CaptionScores",
    "PartAnnotation",
    "Shares",
    "Terms",
    "agreement_between",
    "agreement_with",
    "annotated_in_masks",
    "annotated_near_points",
    "area_under_precision_recall",
    "attribute_ambiguity",
    "average_precision",
    "best_fraction",
    "bleu4",
    "bootstrap",
    "calibration_error",
    "caption_scores",
    "caption_tokens",
    "cider_d",
    "class_terms",
    "completeness_gap",
    "comprehensiveness",
    "comprehensiveness_aopc",
    "comprehensiveness_curve",
    "deletion",
    "deletion_curve",
    "dont_know_rate",
    "drel",
    "f1_of_means",
    "fit_temperature",
    "infidelity",
    "insertion",
    "insertion_curve",
    "insight",
    "iou_f1",
    "kernel_regression",
    "kinds_of",
    "leave_one_out",
    "mask_iou",
    "max_sensitivity",
    "mean_f1",
    "mentioned_terms",
    "meteor_exact_stem",
    "nearest_part",
    "object_ambiguity",
    "object_terms",
    "overlapping",
    "part_annotation",
    "place_masks",
    "place_points",
    "point_precision_recall",
    "pointing_game",
    "precision_at_recall",
    "random_mask_iou",
    "random_point_precision_recall",
    "rationale_comprehensiveness",
    "rationale_sufficiency",
    "relevance_mass",
    "relevance_rank",
    "risk_coverage",
    "rouge_l",
    "select_insecurities",
    "shares",
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
