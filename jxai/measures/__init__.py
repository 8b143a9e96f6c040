"""The table of measures: one row a measure, plain data, read by the command line, tests, reports and documentation.

    >>> from jxai.measures import MEASURES
    >>> MEASURES["deletion"].better, MEASURES["deletion"].needs
    ('lower', ('score',))

How to add a row: `jxai/docs/pages/adding.md`.
"""

from jxai.measures import faithfulness, ground_truth, people
from jxai.measures.measure import Measure

__all__ = ["FAMILIES", "MEASURES", "TOOLS", "Measure"]

FAMILIES = {
    "faithfulness": "Faithfulness: does the score depend on what the explanation marks?",
    "localisation": "Localisation: does it lie on the object?",
    "plausibility": "Plausibility: does it agree with what people marked?",
    "ambiguity": "Insecurities: do they lie where classes are ambiguous?",
    "calibration": "Confidence and difficulty",
    "studies": "Studies: do people see what the network found?",
    "sentences": "Sentences",
}
"""Title of each family, in the order in which they are shown."""

_ROWS = (*faithfulness.ROWS, *ground_truth.ROWS, *people.ROWS)
MEASURES: dict[str, Measure] = {row.name: row for row in _ROWS}

TOOLS = frozenset(
    {
        "Annotated", "CaptionScores", "PartAnnotation", "Shares", "Terms", "annotated_in_masks",
        "annotated_near_points", "attribute_ambiguity", "best_fraction", "bootstrap", "caption_scores",
        "caption_tokens", "class_terms", "comprehensiveness_curve", "deletion_curve", "f1_of_means",
        "fit_temperature", "insertion_curve", "kernel_regression", "kinds_of", "leave_one_out", "mean_f1",
        "mentioned_terms", "nearest_part", "object_ambiguity", "object_terms", "overlapping", "place_masks",
        "place_points", "precision_at_recall", "random_mask_iou", "random_point_precision_recall",
        "select_insecurities", "shares", "soft_span_agreement", "soft_token_agreement", "span_agreement",
        "sufficiency_curve", "token_agreement", "top_words", "wilson",
    }
)  # fmt: skip
"""What of `jxai.metrics` is no measure: curves, intervals, counts, and what measures are made from."""
