"""The conventions of naming in weight files, and the recognition of a file's."""

from jxai.models.weights import cnn as layouts_cnn
from jxai.models.weights import mobile as layouts_mobile
from jxai.models.weights import vit as layouts_vit
from jxai.models.weights.bert import from_bert, is_bert
from jxai.models.weights.layout import Arrays, Layout

__all__ = ["LAYOUTS", "Layout", "recognise"]

OWN = Layout("jxai's own (block0/..., classify/kernel)", (), lambda arrays: "classify/kernel" in arrays, dict)
BERT = Layout(
    "Hugging Face's BERT (encoder.layer.0.attention.self.query.weight ...; read by load_text)",
    ("bert",),
    is_bert,
    from_bert,
)

# The first match counts
LAYOUTS: tuple[Layout, ...] = (
    BERT,
    *layouts_vit.LAYOUTS,
    *layouts_cnn.LAYOUTS,
    *layouts_mobile.LAYOUTS,
    OWN,
)


def recognise(arrays: Arrays) -> Layout:
    """Finds the layout of a weight file.

    Raises:
        ValueError: if it follows none of `LAYOUTS`.
    """
    for layout in LAYOUTS:
        if layout.matches(arrays):
            return layout
    names = ", ".join(list(arrays)[:3]) or "nothing"
    titles = "; ".join(layout.title for layout in LAYOUTS)
    raise ValueError(f"unknown kind of weight file: it holds {names} ...; known are: {titles}")
