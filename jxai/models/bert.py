"""BERT of any size: an encoder, or with a classifier."""

import functools

import jax
import jax.numpy as jnp
from flax import nnx

from jxai.core.taps import tap
from jxai.models.layers import LayerNorm, dense, gelu
from jxai.models.text import Attention, Embedding, TextModel, pure_text, require_divisible

__all__ = ["bert"]

POOLERS = {
    "tanh": ("pooler", jnp.tanh),
    "relu": ("pre_classify", jax.nn.relu),
}  # two names, so that files of ours tell them apart


class Block(nnx.Module):
    """Attention and a two-layer network; each is added to its input, then normalised."""

    def __init__(self, width: int, hidden: int, heads: int, epsilon: float, name: str, rngs: nnx.Rngs):
        """Draws the layers."""
        # Query, key and value are three layers, one for each name in Hugging Face's files: reports of missing names
        # are then exact
        self.attention = Attention(width, heads, name, rngs=rngs)
        self.expand = dense(width, hidden, rngs=rngs)
        self.contract = dense(hidden, width, rngs=rngs)
        self.norm1, self.norm2 = LayerNorm(width, epsilon=epsilon), LayerNorm(width, epsilon=epsilon)
        self.name = name

    def __call__(self, x, mask):
        """Maps tokens `[t, d]` to `[t, d]`."""
        x = self.norm1(x + self.attention(x, mask))  # post-norm
        hidden = gelu(self.expand(x))
        return tap(self.norm2(x + self.contract(hidden)), self.name)


class BERT(nnx.Module):
    """Embeddings and blocks; optionally a pooler and a classifier of the first token."""

    def __init__(
        self, depth, width, heads, hidden, vocabulary, length, types, classes, pooler, epsilon, rngs: nnx.Rngs
    ):
        """Draws the layers."""
        self.embedding = Embedding(vocabulary, length, types, width, epsilon, rngs=rngs)
        for i in range(depth):
            setattr(self, f"block{i}", Block(width, hidden, heads, epsilon, f"block{i}", rngs=rngs))
        if pooler is not None:
            setattr(self, POOLERS[pooler][0], dense(width, width, rngs=rngs))
        if classes is not None:
            self.classify = dense(width, classes, rngs=rngs)
        self.depth, self.width, self.activation, self.classes = depth, width, pooler, classes

    def __call__(self, x, mask):
        """Maps embeddings `[t, d]` to logits `[k]`, or to tokens `[t, d]`."""
        x = tap(x, "embedding")
        for i in range(self.depth):
            x = getattr(self, f"block{i}")(x, mask)
        if self.classes is None:
            return x
        return tap(self.classify(x[0] if self.activation is None else self.pool(x)), "logits")

    def pool(self, tokens):
        """The pooler of the first token, `[d]`."""
        if self.activation is None:
            raise ValueError("this model has no pooler; build it with pooler='tanh', or use models.mean_of_tokens.")
        name, activation = POOLERS[self.activation]
        return activation(getattr(self, name)(tokens[0]))


def bert(
    *,
    depth: int = 12,
    width: int = 768,
    heads: int = 12,
    hidden: int | None = None,
    vocabulary: int = 30522,
    length: int = 512,
    types: int = 2,
    classes: int | None = None,
    pooler: str | None = "tanh",
    epsilon: float = 1e-12,
) -> TextModel:
    """BERT: word, position and type embeddings, then post-norm blocks with exact (erf) GELU.

    Inference only: there is no dropout. The blocks are unrolled, so all intermediates can be tapped.

    Args:
        depth: number of blocks.
        width: channels of a token.
        heads: attention heads; they divide the width.
        hidden: channels of the hidden layers; None: 4 widths.
        vocabulary: number of tokens.
        length: largest number of tokens in a sentence.
        types: number of token types (sentence A and B).
        classes: number of logits; None: an encoder, and `apply` returns the tokens of the last block.
        pooler: activation of the dense layer between the first token and the classifier: "tanh" (BERT), "relu"
            (DistilBERT's classifier); None: no such layer.
        epsilon: of the layer norms.

    Returns:
        The model; taps `embedding` (the argument of `apply`), and for each block `block{i}/attention`
        (`[heads, t, t]`, rows sum to 1, columns of padding are 0) and `block{i}` (its output tokens `[t, width]`),
        then `logits` where there are classes.

    Raises:
        ValueError: if the heads do not divide the width, or the pooler is unknown.

    Reference: Devlin et al., 2019, "BERT: Pre-training of Deep Bidirectional Transformers".

    Example:
        >>> import jax, jax.numpy as jnp, jxai, jxai.models
        >>> model = bert(depth=1, width=8, heads=2, vocabulary=20, length=6, classes=3)
        >>> params = model.init(jax.random.key(0))
        >>> x = model.embed(params, jnp.array([2, 7, 9, 3, 0, 0]))
        >>> score = jxai.scores.logit(jxai.models.masked(model.apply))
        >>> jxai.gradient(score)(x, 1, (params, jnp.arange(6) < 4)).shape
        (6, 8)
    """
    require_divisible(width, heads)
    if pooler not in (*POOLERS, None):
        raise ValueError(f"pooler must be 'tanh', 'relu' or None; {pooler!r} came.")
    hidden = 4 * width if hidden is None else hidden
    build = functools.partial(BERT, depth, width, heads, hidden, vocabulary, length, types, classes, pooler, epsilon)
    taps = ("embedding", *(f"block{i}{part}" for i in range(depth) for part in ("/attention", "")))
    taps += ("logits",) if classes is not None else ()
    return TextModel(**pure_text(build), taps=taps, width=width, vocabulary=vocabulary, length=length, classes=classes)
