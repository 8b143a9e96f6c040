"""What a model of sentences is trained by: likelihood, and FLEX's reward for words that are relevant."""

from collections.abc import Callable
from typing import Any, Literal

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Bool, Float, Int

from jxai.language.captioner import START, Captioner, teacher_forced

__all__ = ["flex_loss", "flex_objective", "log_likelihood", "spoken", "word_log_probabilities"]

Variant = Literal["paper", "released"]


def spoken(tokens: Int[Array, " t"]) -> Bool[Array, " t"]:
    """Which places of a sentence hold a word or its stop, not padding.

    Example:
        >>> spoken(jnp.asarray([5, 2, 0])).tolist()
        [True, True, False]
    """
    return tokens != START


def word_log_probabilities(logits: Float[Array, "t words"], tokens: Int[Array, " t"]) -> Float[Array, " t"]:
    """Log P(w_t | w_<t, image) of every token of a sentence, of padding too.

    Example:
        >>> [round(float(log), 4) for log in word_log_probabilities(jnp.zeros((1, 4)), jnp.asarray([3]))]  # log 1/4
        [-1.3863]
    """
    return jnp.take_along_axis(jax.nn.log_softmax(logits), tokens[:, None], axis=1)[:, 0]


def log_likelihood(captioner: Captioner) -> Callable[[Any, Any, Int[Array, " t"]], Float[Array, ""]]:
    """The logarithm of the probability of a sentence: sum_t log P(w_t | w_<t, image), its stop included.

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
        return jnp.where(spoken(tokens), each, jnp.zeros_like(each)).sum()

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
    """The loss of FLEX: likelihood, minus a reward for the probability of a word that is relevant.

    ```
    loss = sum_t [ -log P(w_t | w_<t, I) - weight max_w z_w P(w | w_<t, I) ]          (eq. 4, 5)
    ```

    "paper": the sum is over the words of the sentence and its stop. Padding counts for nothing.

    "released" does what the released code does: after the stop the model also learns to say `START`; the reward is
    earned at all t places, padding too; and the whole is divided by the number of words, stop and that `START`
    included. A sentence needs a zero at its end then (`flex_objective` adds one). At the places behind, that code's
    LSTMs give 0, so that only the bias of the scores is left: `silent`.

    Args:
        logits: scores of every next word, `[t, words]`, of `teacher_forced`.
        tokens: the sentence `[t]`: words, stop, zeros.
        z: relevance of every word, `[words]`; in 0..1 in the released code, on which `weight` depends.
        weight: lambda of eq. 5; the paper's: 0.1 (CUB), 0.001 (MPII). 0: the likelihood alone.
        variant: "paper" or "released".
        silent: scores `[words]` at the places that the released code does not run to; None: those of `logits`.

    Returns:
        The loss, a number.

    Raises:
        ValueError: for a weight below zero, another variant, or z that is not one number a word.

    Reference:
        Wickramanayake, Hsu and Lee 2019, "FLEX: Faithful Linguistic Explanations for Neural Net based Model
        Decisions", eq. 4 and 5; the released code at github.com/sandareka/FLEX.

    Example:
        >>> logits, tokens, z = jnp.zeros((3, 4)), jnp.asarray([3, 2, 0]), jnp.asarray([0.0, 0, 0, 1])
        >>> round(float(flex_loss(logits, tokens, z)), 4)  # 2 (log 4 - 0.1 / 4)
        2.7226
    """
    _check(logits, tokens, z, weight, variant)
    words = spoken(tokens)
    learnt = words if variant == "paper" else jnp.concatenate([jnp.ones_like(words[:1]), words[:-1]])
    if variant == "released" and silent is not None:
        logits = jnp.where(learnt[:, None], logits, silent[None].astype(logits.dtype))
    surprise = -word_log_probabilities(logits, tokens)
    reward = jnp.max(z[None].astype(logits.dtype) * jax.nn.softmax(logits), axis=1)
    rewarded = learnt if variant == "paper" else jnp.ones_like(learnt)
    none, share = jnp.zeros_like(reward), jnp.asarray(weight, logits.dtype)
    loss = (jnp.where(learnt, surprise, none) - share * jnp.where(rewarded, reward, none)).sum()
    return loss if variant == "paper" else loss / learnt.sum().astype(logits.dtype)


def flex_objective(
    captioner: Captioner,
    *,
    weight: float = 0.1,
    variant: Variant = "paper",
    silent: Callable[[Any], Float[Array, " words"]] | None = None,
) -> Callable[..., Float[Array, ""]]:
    """`flex_loss` of a model, as `jxai.train.sentences` takes it.

    Args:
        captioner: the model; `image["z"]` `[words]` is the relevance of every word. With weight 0 (the description
            model of the paper's baseline) it is not read.
        weight: of the reward.
        variant: see `flex_loss`.
        silent: `silent(params)`: see `flex_loss`; of `jxai.language.flex`: `lambda p: p["scores"]["bias"]`.

    Returns:
        `objective(params, image, tokens, key=None) -> loss` of one sentence; with a key with dropout.

    Example:
        >>> step = lambda params, carry, token, key=None: (carry, params)
        >>> unigrams = Captioner(lambda key: jnp.zeros(4), lambda params, image: (), step, 4)
        >>> objective = flex_objective(unigrams, weight=0.0)
        >>> round(float(objective(jnp.zeros(4), {}, jnp.asarray([3, 2, 0]))), 4)
        2.7726
    """

    def objective(params, image, tokens, key=None):
        if variant == "released":  # a place for the START that it learns to say after the stop
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
