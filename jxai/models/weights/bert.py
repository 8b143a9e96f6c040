"""Hugging Face's names for the arrays of BERT, RoBERTa and DistilBERT."""

import re

import numpy as np
from jaxtyping import Shaped

from jxai.models.weights.layout import Arrays

__all__ = ["from_bert", "is_bert", "is_roberta", "pooler_of"]

PREFIX = r"^(0\.auto_model\.|auto_model\.)?(bert\.|roberta\.|distilbert\.)?"
UNUSED = r"^(cls|lm_head|vocab_\w+)\.|(^|\.)position_ids$"  # heads of pre-training; a constant

# Their name (a pattern at its start) and ours; the first that matches counts, so `classifier.dense` before `classifier`
NAMES = (
    (r"embeddings\.(word|position|token_type)_embeddings\.weight", r"embedding/\1"),
    (r"embeddings\.LayerNorm\.", "embedding/norm/"),
    (r"encoder\.layer\.(\d+)\.attention\.self\.(query|key|value)\.", r"block\1/attention/\2/"),
    (r"encoder\.layer\.(\d+)\.attention\.output\.dense\.", r"block\1/attention/project/"),
    (r"encoder\.layer\.(\d+)\.attention\.output\.LayerNorm\.", r"block\1/norm1/"),
    (r"encoder\.layer\.(\d+)\.intermediate\.dense\.", r"block\1/expand/"),
    (r"encoder\.layer\.(\d+)\.output\.dense\.", r"block\1/contract/"),
    (r"encoder\.layer\.(\d+)\.output\.LayerNorm\.", r"block\1/norm2/"),
    (r"transformer\.layer\.(\d+)\.attention\.q_lin\.", r"block\1/attention/query/"),
    (r"transformer\.layer\.(\d+)\.attention\.k_lin\.", r"block\1/attention/key/"),
    (r"transformer\.layer\.(\d+)\.attention\.v_lin\.", r"block\1/attention/value/"),
    (r"transformer\.layer\.(\d+)\.attention\.out_lin\.", r"block\1/attention/project/"),
    (r"transformer\.layer\.(\d+)\.sa_layer_norm\.", r"block\1/norm1/"),
    (r"transformer\.layer\.(\d+)\.ffn\.lin1\.", r"block\1/expand/"),
    (r"transformer\.layer\.(\d+)\.ffn\.lin2\.", r"block\1/contract/"),
    (r"transformer\.layer\.(\d+)\.output_layer_norm\.", r"block\1/norm2/"),
    (r"(pooler|classifier)\.dense\.", "pooler/"),
    (r"pre_classifier\.", "pre_classify/"),
    (r"classifier\.(out_proj\.)?", "classify/"),
)
TABLES = {"embedding/word": "words", "embedding/position": "positions", "embedding/token_type": "types"}


def is_bert(arrays: Arrays) -> bool:
    """Whether the names are Hugging Face's of a BERT, RoBERTa or DistilBERT, with or without a prefix."""
    mark = r"(^|\.)(encoder\.layer\.\d+\.attention\.self|transformer\.layer\.\d+\.attention\.q_lin)\."
    return _any(arrays, mark)


def from_bert(arrays: Arrays) -> dict[str, Shaped[np.ndarray, "..."]]:
    """The arrays under our names, kernels `[in, out]`; heads of pre-training are left out.

    DistilBERT has no token types: it gets one type of zeros.
    """
    flat = {ours(name): _transpose_kernel(name, array) for name, array in arrays.items() if not re.search(UNUSED, name)}
    if _any(arrays, r"transformer\.layer\.") and "embedding/words" in flat:
        flat.setdefault("embedding/types", np.zeros((1, flat["embedding/words"].shape[1]), np.float32))
    return flat


def is_roberta(arrays: Arrays) -> bool:
    """Whether the names are RoBERTa's; without its prefix and its classifier they equal BERT's."""
    return _any(arrays, r"(^|\.)(roberta|classifier\.out_proj)\.")


def pooler_of(arrays: Arrays) -> str | None:
    """The activation of the pooler: DistilBERT has a ReLU, the others tanh; None where there is no pooler."""
    if _any(arrays, r"^pre_classif"):
        return "relu"
    return "tanh" if _any(arrays, r"(^|\.)(pooler|classifier)\.dense\.|^pooler/") else None


def _any(arrays: Arrays, pattern: str) -> bool:
    return any(re.search(pattern, name) for name in arrays)


def ours(name: str) -> str:
    """Our name of an array; an unknown name stays as it is, so that the report shows it.

    Example:
        >>> ours("bert.encoder.layer.3.attention.self.query.weight")
        'block3/attention/query/kernel'
    """
    bare = re.sub(PREFIX, "", name)
    for pattern, replacement in NAMES:
        if re.match(pattern, bare):
            return _leaf(re.sub("^" + pattern, replacement, bare))
    return name


def _leaf(name: str) -> str:
    if name in TABLES:
        return f"embedding/{TABLES[name]}"
    # `gamma` and `beta` are the names of layer norms in files of old versions (bert-base-uncased)
    weight = "scale" if "norm" in name else "kernel"
    return re.sub("(weight|gamma)$", weight, re.sub("beta$", "bias", name))


def _transpose_kernel(name: str, array: np.ndarray) -> np.ndarray:
    # PyTorch's [out, in] to [in, out]; embeddings are tables, not kernels
    return array.T if array.ndim == 2 and "embeddings" not in name else array
