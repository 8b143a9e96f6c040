"""Losses of captioning models: the likelihood, and FLEX's reward for relevant words."""

from collections.abc import Callable
from typing import Any, Literal

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Bool, Float, Int

from jxai.language.captioner import START, Captioner, teacher_forced

__all__ = ["flex_loss", "flex_objective", "log_likelihood", "token_mask", "word_log_probabilities"]

Variant = Literal["paper", "released"]


def token_mask(tokens: Int[Array, " t"]) -> Bool[Array, " t"]:
    """The positions of a sentence with a word or the stop, not padding.

    Example:
        >>> token_mask(jnp.asarray([5, 2, 0])).tolist()
        [True, True, False]
    """
    return tokens != START


def word_log_probabilities(logits: Float[Array, "t words"], tokens: Int[Array, " t"]) -> Float[Array, " t"]:
    """Log P(w_t | w_<t, image) of every token of a sentence, padding included.

    Example:
        >>> [round(float(log), 4) for log in word_log_probabilities(jnp.zeros((1, 4)), jnp.asarray([3]))]  # log 1/4
        [-1.3863]
    """
    return jnp.take_along_axis(jax.nn.log_softmax(logits), tokens[:, None], axis=1)[:, 0]


def log_likelihood(captioner: Captioner) -> Callable[[Any, Any, Int[Array, " t"]], Float[Array, ""]]:
    """The log-probability of a sentence: sum_t log P(w_t | w_<t, image), the stop included.

    Args:
        captioner: the model.

    Returns:
        `likelihood(params, image, tokens) -> number`, without dropout; padding adds nothing.

    Example:
        >>> step = lambda params, carry, token, key=None: (carry, params)
        >>> unigrams = Captioner(lambda key: jnp.zeros(4), lambda params, image: (), step, 4)
        >>> round(float(log_likelihood(unigrams)(jnp.zeros(4), None, jnp.asarray([3, 2, 0]))), 4)  # 2 log 1/4
        -2.7726
    """

    def likelihood(params, image, tokens):
        each = word_log_probabilities(teacher_forced(captioner, params, image, tokens), tokens)
        return jnp.where(token_mask(tokens), each, jnp.zeros_like(each)).sum()

    return likelihood


def flex_loss(
    logits: Float[Array, "t words"],
    tokens: Int[Array, " t"],
    z: Float[Array, " words"],
    *,
    weight: float = 0.1,
    variant: Variant = "paper",
    silent: Float[Array, " words"] | None = None,
) -> Float[Array, ""]:
    """The loss of FLEX: negative log-likelihood minus a reward for the probability of a relevant word.

    ```
    loss = sum_t [ -log P(w_t | w_<t, I) - weight max_w z_w P(w | w_<t, I) ]          (eq. 4, 5)
    ```

    "paper": the sum is over the words of the sentence and its stop, without padding.

    "released" follows the released code. After the stop the model also learns `START`. The reward counts at all t
    positions, padding included. The loss is divided by the number of words, with the stop and that `START`. A sentence
    then needs a zero at its end (`flex_objective` adds one). Behind it the LSTMs of that code return 0, so the scores
    are their bias: `silent`.

    Args:
        logits: scores of every next word, `[t, words]`, of `teacher_forced`.
        tokens: the sentence `[t]`: words, stop, zeros.
        z: relevance of every word, `[words]`; in 0..1 in the released code, which `weight` assumes.
        weight: lambda of eq. 5; the paper's: 0.1 (CUB), 0.001 (MPII). 0: the likelihood alone.
        variant: "paper" or "released".
        silent: scores `[words]` at the positions behind the sentence in the released code; None: those of `logits`.

    Returns:
        The loss, a number.

    Raises:
        ValueError: for a weight below zero, an unknown variant, or z that is not one number per word.

    Reference:
        Wickramanayake, Hsu and Lee 2019, "FLEX: Faithful Linguistic Explanations for Neural Net based Model
        Decisions", eq. 4 and 5; the released code at github.com/sandareka/FLEX.

    Example:
        >>> logits, tokens, z = jnp.zeros((3, 4)), jnp.asarray([3, 2, 0]), jnp.asarray([0.0, 0, 0, 1])
        >>> round(float(flex_loss(logits, tokens, z)), 4)  # 2 (log 4 - 0.1 / 4)
        2.7226
    """
    _check(logits, tokens, z, weight, variant)
    words = token_mask(tokens)
    has_target = words if variant == "paper" else jnp.concatenate([jnp.ones_like(words[:1]), words[:-1]])
    if variant == "released" and silent is not None:
        logits = jnp.where(has_target[:, None], logits, silent[None].astype(logits.dtype))
    surprisal = -word_log_probabilities(logits, tokens)
    reward = jnp.max(z[None].astype(logits.dtype) * jax.nn.softmax(logits), axis=1)
    has_reward = has_target if variant == "paper" else jnp.ones_like(has_target)
    none, factor = jnp.zeros_like(reward), jnp.asarray(weight, logits.dtype)
    loss = (jnp.where(has_target, surprisal, none) - factor * jnp.where(has_reward, reward, none)).sum()
    return loss if variant == "paper" else loss / has_target.sum().astype(logits.dtype)


def flex_objective(
    captioner: Captioner,
    *,
    weight: float = 0.1,
    variant: Variant = "paper",
    silent: Callable[[Any], Float[Array, " words"]] | None = None,
) -> Callable[..., Float[Array, ""]]:
    """`flex_loss` of a model, as an objective for `jxai.train.sentences`.

    Args:
        captioner: the model; `image["z"]` `[words]` is the relevance of every word. With weight 0 (the description
            model of the paper's baseline) it is not used.
        weight: of the reward.
        variant: see `flex_loss`.
        silent: `silent(params)`: see `flex_loss`; of `jxai.language.flex`: `lambda p: p["scores"]["bias"]`.

    Returns:
        `objective(params, image, tokens, key=None) -> loss` of one sentence; with a key dropout is on.

    Example:
        >>> step = lambda params, carry, token, key=None: (carry, params)
        >>> unigrams = Captioner(lambda key: jnp.zeros(4), lambda params, image: (), step, 4)
        >>> objective = flex_objective(unigrams, weight=0.0)
        >>> round(float(objective(jnp.zeros(4), {}, jnp.asarray([3, 2, 0]))), 4)
        2.7726
    """

    def objective(params, image, tokens, key=None):
        if variant == "released":  # a position for the START that it learns after the stop
            tokens = jnp.concatenate([tokens, jnp.full_like(tokens[:1], START)])
        logits = teacher_forced(captioner, params, image, tokens, key=key)
        rest = None if silent is None else silent(params)
        z = image["z"] if weight else jnp.zeros_like(logits[0])
        return flex_loss(logits, tokens, z, weight=weight, variant=variant, silent=rest)

    return objective


def _check(logits, tokens, z, weight, variant) -> None:
    if not weight >= 0:
        raise ValueError(f"weight must be zero or above; weight={weight} came.")
    if variant not in ("paper", "released"):
        raise ValueError(f"variant must be 'paper' or 'released'; {variant!r} came.")
    if jnp.shape(z) != logits.shape[1:] or jnp.shape(tokens) != logits.shape[:1]:
        raise ValueError(
            f"expected logits [t, words], tokens [t] and z [words] of one sentence; {list(logits.shape)}, "
            f"{list(jnp.shape(tokens))} and {list(jnp.shape(z))} came. Use jax.vmap for a batch."
        )
