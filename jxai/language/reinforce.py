"""Rewards of whole sentences: their expectation over what a model draws, and its gradient (REINFORCE)."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float, Int, PRNGKeyArray

from jxai.core.errors import require_key, require_positive
from jxai.language.captioner import Captioner, teacher_forced
from jxai.language.decode import greedy, sample, sayable
from jxai.language.losses import spoken, word_log_probabilities

__all__ = ["expected_reward", "sampling_log_likelihood"]

BASELINES = ("none", "greedy", "others")


def sampling_log_likelihood(
    captioner: Captioner, params: Any, image: Any, tokens: Int[Array, " t"]
) -> Float[Array, ""]:
    """The log-probability with which `sample` draws a sentence.

    It differs from the model's own likelihood in what `sample` leaves no choice: neither `START` nor `UNKNOWN` can
    come, and at the last place only the stop. No dropout.

    Args:
        captioner: the model.
        params: its parameters.
        image: the arrays of one image.
        tokens: the sentence, as `sample` returns it.
    """
    logits = jax.vmap(sayable)(teacher_forced(captioner, params, image, tokens))
    each = word_log_probabilities(logits, tokens)
    chosen = spoken(tokens) & (jnp.arange(len(tokens)) < len(tokens) - 1)
    return jnp.where(chosen, each, jnp.zeros_like(each)).sum()


def expected_reward(
    captioner: Captioner,
    reward: Callable[[Int[Array, " t"], Any], Float[Array, ""]],
    *,
    length: int,
    stop: int,
    samples: int = 1,
    baseline: str = "none",
) -> Callable[[Any, Any, PRNGKeyArray | None], Float[Array, ""]]:
    """An unbiased estimate of `E[R(s)]` over the sentences s that a model draws, whose gradient is one as well.

    The gradient is the score function's (Williams 1992), with n sentences drawn:

        grad E[R] = E[R grad log P(s)]  ~  1/n sum_i (R(s_i) - b) grad log P(s_i)

    A baseline b that does not depend on s_i leaves the expectation as it is (`E[grad log P] = 0`) and takes away
    variance. Sentences are drawn, scored and rewarded without dropout.

    Args:
        captioner: the model.
        reward: `reward(tokens, image) -> number`; its own gradient is not taken.
        length: most words of a sentence, the stop counted.
        stop: the token that ends a sentence.
        samples: n, sentences drawn for one estimate.
        baseline: b: "none" (0, as Hendricks et al. 2016 and Williams 1992 write it), "greedy" (the reward of the
            greedy sentence: self-critical, Rennie et al. 2017) or "others" (the mean reward of the other n - 1).

    Returns:
        `estimate(params, image, key) -> number`: the mean reward of the sentences drawn.

    Raises:
        ValueError: no such baseline, or "others" where there is one sample; at the call, no key.

    Example:
        >>> step = lambda params, carry, token, key=None: (carry, params)
        >>> coin = Captioner(lambda key: jnp.zeros(4), lambda params, image: (), step, 4)
        >>> heads = lambda tokens, image: (tokens[0] == 2).astype(jnp.float32)
        >>> estimate = expected_reward(coin, heads, length=2, stop=3, samples=4000)
        >>> value, slope = jax.value_and_grad(estimate)(jnp.zeros(4), None, jax.random.key(0))
        >>> round(float(value), 1), round(float(slope[2]), 1)  # 1/2, and 1/2 (1 - 1/2)
        (0.5, 0.2)
    """
    require_positive(samples=samples, length=length)
    if baseline not in BASELINES:
        raise ValueError(f"baseline must be one of {', '.join(BASELINES)}; {baseline!r} came.")
    if baseline == "others" and samples < 2:
        raise ValueError('baseline="others" is the mean reward of the other samples; give samples=2 or more.')
    draw = sample(captioner, length=length, stop=stop)
    likeliest = greedy(captioner, length=length, stop=stop)

    def against(params: Any, image: Any, rewards: Float[Array, " samples"]) -> Float[Array, "*samples"]:
        if baseline == "greedy":
            return jnp.full_like(rewards, reward(likeliest(params, image), image))
        if baseline == "others":
            return (rewards.sum() - rewards) / jnp.asarray(samples - 1, rewards.dtype)
        return jnp.zeros_like(rewards)

    def estimate(params: Any, image: Any, key: PRNGKeyArray | None) -> Float[Array, ""]:
        keys = jax.random.split(require_key(key, "expected_reward"), samples)
        fixed = jax.lax.stop_gradient(params)
        drawn = jax.vmap(lambda key: draw(fixed, image, key))(keys)
        rewards = jax.vmap(lambda tokens: reward(tokens, image))(drawn)
        gains = jax.lax.stop_gradient(rewards - against(fixed, image, rewards))
        logs = jax.vmap(lambda tokens: sampling_log_likelihood(captioner, params, image, tokens))(drawn)
        slopes = gains.astype(logs.dtype) * (logs - jax.lax.stop_gradient(logs))  # zero, but for its gradient
        return jax.lax.stop_gradient(rewards).astype(logs.dtype).mean() + slopes.mean()

    return estimate
