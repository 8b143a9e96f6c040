"""A small text transformer for training from scratch."""

import functools

from flax import nnx

from jxai.core.taps import tap
from jxai.models.layers import LayerNorm, dense, gelu
from jxai.models.text import Attention, Embedding, TextModel, mean_of_tokens, pure_text, require_divisible

__all__ = ["text_transformer"]

EPSILON = 1e-6


class Block(nnx.Module):
    """Attention and a two-layer network; each follows a layer norm and is added to its input."""

    def __init__(self, width: int, heads: int, name: str, rngs: nnx.Rngs):
        """Draws the layers."""
        self.attention = Attention(width, heads, name, rngs=rngs)
        self.expand = dense(width, 4 * width, rngs=rngs)
        self.contract = dense(4 * width, width, rngs=rngs)
        self.norm1, self.norm2 = LayerNorm(width, epsilon=EPSILON), LayerNorm(width, epsilon=EPSILON)
        self.name = name

    def __call__(self, x, mask):
        """Maps tokens `[t, d]` to `[t, d]`."""
        # Pre-norm. A constant added to all channels of a token changes nothing: the norm subtracts it
        x = x + self.attention(self.norm1(x), mask)
        hidden = gelu(self.expand(self.norm2(x)))
        return tap(x + self.contract(hidden), self.name)


class TextTransformer(nnx.Module):
    """Embeddings, blocks, a layer norm; a dense layer reads the first token, or the mean of all."""

    def __init__(self, depth, width, heads, vocabulary, length, types, classes, read, rngs: nnx.Rngs):
        """Draws the layers."""
        self.embedding = Embedding(vocabulary, length, types, width, EPSILON, rngs=rngs)
        for i in range(depth):
            setattr(self, f"block{i}", Block(width, heads, f"block{i}", rngs=rngs))
        self.norm = LayerNorm(width, epsilon=EPSILON)
        if classes is not None:
            self.classify = dense(width, classes, rngs=rngs)
        self.depth, self.width, self.classes, self.read = depth, width, classes, read

    def __call__(self, x, mask):
        """Maps embeddings `[t, d]` to logits `[k]`, or to tokens `[t, d]`."""
        x = tap(x, "embedding")
        for i in range(self.depth):
            x = getattr(self, f"block{i}")(x, mask)
        x = self.norm(x)
        if self.classes is None:
            return x
        return tap(self.classify(x[0] if self.read == "first" else mean_of_tokens(x, mask)), "logits")

    def pool(self, tokens):
        """Refuses: there is no pooler."""
        raise ValueError("this model has no pooler; take the first of its tokens, or models.mean_of_tokens.")


def text_transformer(
    *,
    depth: int = 2,
    width: int = 64,
    heads: int = 4,
    vocabulary: int = 8192,
    length: int = 256,
    types: int = 2,
    classes: int | None = 2,
    read: str = "first",
) -> TextModel:
    """A pre-norm text transformer of any size. Unlike post-norm BERT it trains from scratch without a schedule.

    Embeddings as in BERT (words, positions and types added and normalised), blocks as in the vision transformer.

    Args:
        depth: number of blocks.
        width: channels of a token.
        heads: attention heads; they divide the width.
        vocabulary: number of tokens.
        length: largest number of tokens in a sentence.
        types: number of token types.
        classes: number of logits; None: an encoder, whose `apply` returns normalised tokens `[t, width]`.
        read: "first": the classifier reads the first token, as in BERT; attention rollout and similar methods explain
            that token. "mean": it reads the mean of all tokens that are not padding.

    Returns:
        The model, with the taps of `bert`.

    Raises:
        ValueError: if the heads do not divide the width, or `read` is unknown.

    Reference: Vaswani et al., 2017, "Attention Is All You Need"; pre-norm: Xiong et al., 2020, "On Layer
    Normalization in the Transformer Architecture".

    Example:
        >>> model = text_transformer(depth=1, width=8, heads=2, vocabulary=20, length=6)
        >>> model.taps
        ('embedding', 'block0/attention', 'block0', 'logits')
    """
    require_divisible(width, heads)
    if read not in ("first", "mean"):
        raise ValueError(f"read must be 'first' or 'mean'; {read!r} came.")
    build = functools.partial(TextTransformer, depth, width, heads, vocabulary, length, types, classes, read)
    taps = ("embedding", *(f"block{i}{part}" for i in range(depth) for part in ("/attention", "")))
    taps += ("logits",) if classes is not None else ()
    return TextModel(**pure_text(build), taps=taps, width=width, vocabulary=vocabulary, length=length, classes=classes)
