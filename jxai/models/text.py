"""The type of text models, pure functions of one sentence, and the layers that text models share."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx
from jax.core import Tracer
from jax.typing import ArrayLike
from jaxtyping import Array, Float, Int, PRNGKeyArray, Shaped

from jxai.core.taps import tap
from jxai.models.layers import LayerNorm, dense, truncated_normal
from jxai.models.model import Params
from jxai.models.modules import pure_module

__all__ = ["TextModel", "from_tokens", "masked", "mean_of_tokens", "pure_text", "require_divisible"]


class TextModel(NamedTuple):
    """A text model as pure functions of one sentence.

    `apply` takes embeddings, not token numbers: embeddings have gradients.

    For `t` token numbers `[t]`, `apply(params, embed(params, tokens, types), mask)` is the whole model. To explain at
    the word embeddings, before positions, types and normalisation are added (as Captum's `LayerIntegratedGradients`
    on `word_embeddings`), score `apply(params, place(params, w), mask)` at `w = words(params, tokens)`.

    Attributes:
        init: `init(key) -> params`, a nested dict of float32 arrays.
        embed: `embed(params, tokens, types=None, positions=None) -> x [t, width]`: `place` after `words`.
        words: `words(params, tokens) -> [t, width]`, rows of the table of word embeddings.
        place: `place(params, words, types=None, positions=None) -> x [t, width]`: positions and types added,
            normalised. None: all types 0, positions 0..t-1.
        apply: `apply(params, x, mask=None) -> logits [classes]`; without classes the tokens `[t, width]`. The mask
            `[t]` is False (or 0) at padding: no token attends to it, and its attribution is 0. x is cast to the dtype
            of the parameters.
        pool: `pool(params, tokens) -> [width]` of the pooler, such as `tanh(W tokens_0 + b)`; raises without one.
        taps: names of the intermediates, in the order of the forward pass.
        width: channels of a token.
        vocabulary: number of tokens that have an embedding.
        length: largest number of tokens in a sentence.
        classes: number of logits; None for an encoder.
    """

    init: Callable[[PRNGKeyArray], Params]
    embed: Callable[..., Float[Array, "t d"]]
    words: Callable[[Params, Int[Array, " t"]], Float[Array, "t d"]]
    place: Callable[..., Float[Array, "t d"]]
    apply: Callable[..., Float[Array, "..."]]
    pool: Callable[[Params, Float[Array, "t d"]], Float[Array, " d"]]
    taps: tuple[str, ...]
    width: int
    vocabulary: int
    length: int
    classes: int | None


def masked(
    apply: Callable[..., Float[Array, "..."]],
) -> Callable[[tuple[Params, Any], Float[Array, "t d"]], Float[Array, "..."]]:
    """A model that takes its mask with the parameters: every score of `jxai.scores` then works on padded text.

    `masked(apply)((params, mask), x) = apply(params, x, mask)`. A padded test set is mapped with the mask per example
    and the parameters shared: `jax.vmap(explain, in_axes=(0, 0, (None, 0)))(xs, labels, (params, masks))`.

    Args:
        apply: `(params, x, mask) -> logits [k]`.

    Returns:
        `apply((params, mask), x) -> logits [k]`.

    Example:
        >>> import jax.numpy as jnp
        >>> from jxai import scores
        >>> score = scores.logit(masked(lambda w, x, mask: (x * mask.reshape(-1, 1)).sum(0) @ w))
        >>> float(score(jnp.ones((3, 2)), 1, (jnp.eye(2), jnp.array([1.0, 1.0, 0.0]))))
        2.0
    """
    return lambda params_and_mask, x: apply(params_and_mask[0], x, params_and_mask[1])


def from_tokens(
    model: TextModel,
) -> Callable[[Params, Int[Array, " t"], Shaped[Array, " t"] | None], Float[Array, "..."]]:
    """The whole model as a function of token numbers: `apply(params, tokens, mask=None) -> logits [k]`.

    Args:
        model: a text model.
    """
    return lambda params, tokens, mask=None: model.apply(params, model.embed(params, tokens), mask)


def mean_of_tokens(tokens: Float[Array, "t d"], mask: Shaped[ArrayLike, " t"] | None = None) -> Float[Array, " d"]:
    """The mean of the tokens that are not padding: the sentence embedding of sentence-transformers, before its norm.

    Args:
        tokens: `[t, d]`, such as an encoder returns.
        mask: `[t]`, False at padding.

    Returns:
        `[d]`; zeros where the mask is False everywhere.

    Example:
        >>> import jax.numpy as jnp
        >>> mean_of_tokens(jnp.array([[1.0], [3.0], [9.0]]), jnp.array([True, True, False])).tolist()
        [2.0]
    """
    if mask is None:
        return tokens.mean(0)
    weights = jnp.asarray(mask).astype(tokens.dtype)
    return weights @ tokens / jnp.maximum(weights.sum(), 1)  # padding alone: zeros, not NaN


class Embedding(nnx.Module):
    """Word, position and type embeddings, added up and normalised."""

    def __init__(self, vocabulary, length, types, width, epsilon, rngs: nnx.Rngs):
        """Draws the three tables."""

        def table(rows):
            return nnx.Param(truncated_normal(rngs.params(), (rows, width), jnp.float32))

        self.words, self.positions, self.types = table(vocabulary), table(length), table(types)
        self.norm = LayerNorm(width, epsilon=epsilon)

    def look_up(self, tokens):
        """The word embeddings `[t, d]` of token numbers `[t]`."""
        return _rows(self.words[...], tokens, "token")

    def place(self, words, types=None, positions=None):
        """Adds positions and types to word embeddings `[t, d]`, and normalises."""
        _check_embeddings(words, self.words[...].shape[1], "words")
        length, table = words.shape[0], self.positions[...]
        if length > len(table):
            raise ValueError(f"the model takes at most {len(table)} tokens, {length} came; cut the sentence.")
        # np: concrete under jit, so the range check of `_rows` still runs
        types = np.zeros(length, int) if types is None else types
        positions = np.arange(length) if positions is None else positions
        x = words.astype(table.dtype) + _rows(table, positions, "position", length)
        return self.norm(x + _rows(self.types[...], types, "type", length))


class Attention(nnx.Module):
    """Self-attention of several heads; no token attends to padding."""

    def __init__(self, width: int, heads: int, name: str, rngs: nnx.Rngs):
        """Draws four dense layers."""
        self.query, self.key, self.value, self.project = (dense(width, width, rngs=rngs) for _ in range(4))
        self.heads, self.name = heads, name

    def __call__(self, x, mask):
        """Maps tokens `[t, d]` to `[t, d]`."""
        tokens, width = x.shape
        query, key, value = (
            layer(x).reshape(tokens, self.heads, -1).swapaxes(0, 1) for layer in (self.query, self.key, self.value)
        )  # each [heads, t, d / heads]
        scores = jnp.einsum("hqd,hkd->hqk", query * (width // self.heads) ** -0.5, key)
        # Without a mask there is no `select` in the program: rules see the plain softmax. The lowest finite number, not
        # -inf: a row of padding alone, as the driver fills batches with, stays finite, and so does its gradient
        if mask is not None:
            scores = jnp.where(mask.reshape(1, 1, -1), scores, jnp.finfo(scores.dtype).min)
        attention = tap(jax.nn.softmax(scores, -1), f"{self.name}/attention")
        outputs = (attention @ value).swapaxes(0, 1)  # [t, heads, d / heads]; an einsum to it is slower on a CPU
        return self.project(outputs.reshape(tokens, width))


def pure_text(build: Callable[[nnx.Rngs], Any]) -> dict[str, Callable]:
    """Turns a Flax NNX text module into the functions of a `TextModel`.

    Args:
        build: makes the module from its random streams; it has `embedding` (an `Embedding`), `width`, `pool(tokens)`
            and is called with `(x, mask)`.

    Returns:
        `init`, `words`, `place`, `embed`, `apply` and `pool` by name.
    """
    init, bind = pure_module(build)

    def place(params, words, types=None, positions=None):
        return bind(params).embedding.place(words, types, positions)

    def words(params, tokens):
        return bind(params).embedding.look_up(tokens)

    def embed(params, tokens, types=None, positions=None):
        return place(params, words(params, tokens), types, positions)

    def apply(params, x, mask=None):
        model = bind(params)
        _check_embeddings(x, model.width, "x")
        if mask is not None and jnp.shape(mask) != jnp.shape(x)[:1]:
            raise ValueError(f"mask must have one entry per token, {jnp.shape(x)[:1]}; {jnp.shape(mask)} came.")
        mask = None if mask is None else jnp.asarray(mask).astype(bool)
        return model(jnp.asarray(x).astype(jax.tree.leaves(params)[0].dtype), mask)

    def pool(params, tokens):
        return bind(params).pool(tokens)

    return {"init": init, "embed": embed, "words": words, "place": place, "apply": apply, "pool": pool}


def require_divisible(width: int, heads: int) -> None:
    """Raise `ValueError` unless the heads divide the width."""
    if width % heads:
        raise ValueError(f"width must be a multiple of heads, but {width} is none of {heads}")


def _rows(table: Array, numbers: Any, what: str, length: int | None = None) -> Array:
    """Rows of a table; numbers out of range raise, or give NaN where they are traced."""
    shape, kind = jnp.shape(numbers), jnp.asarray(numbers).dtype
    if len(shape) != 1 or not jnp.issubdtype(kind, jnp.integer) or length not in (None, *shape):
        of = "t" if length is None else length
        raise ValueError(
            f"{what} numbers must be whole numbers of one sentence, shape [{of}]; {kind} of shape {shape} came. "
            f"A batch goes through jax.vmap(model.embed, in_axes=(None, 0))."
        )
    if not isinstance(numbers, Tracer):
        low, high = int(np.min(numbers, initial=0)), int(np.max(numbers, initial=0))
        if low < 0 or high >= len(table):
            raise ValueError(f"{what} numbers must lie in 0..{len(table) - 1}; {low}..{high} came.")
    # Traced numbers cannot raise: NaN, never jnp.take's clamped row
    return jnp.take(table, jnp.asarray(numbers), axis=0, mode="fill", fill_value=jnp.nan)


def _check_embeddings(x: Any, width: int, what: str) -> None:
    shape = jnp.shape(x)
    if len(shape) == 2 and shape[1] == width and jnp.issubdtype(jnp.asarray(x).dtype, jnp.floating):
        return
    remedy = "make them from token numbers with model.embed(params, tokens)"
    if len(shape) == 3:
        remedy = "a model takes one example: use jax.vmap(model.apply, in_axes=(None, 0)) for a batch"
    raise ValueError(f"{what} must be embeddings of one sentence [t, {width}], not shape {shape}; {remedy}.")
