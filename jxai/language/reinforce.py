"""Rewards of whole sentences: their expectation over samples of a model, and its gradient (REINFORCE)."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float, Int, PRNGKeyArray

from jxai.core.errors import require_key, require_positive
from jxai.language.captioner import Captioner, teacher_forced
from jxai.language.decode import greedy, mask_special_tokens, sample
from jxai.language.losses import token_mask, word_log_probabilities

__all__ = ["expected_reward", "sampling_log_likelihood"]

BASELINES = ("none", "greedy", "others")


def sampling_log_likelihood(
    captioner: Captioner, params: Any, image: Any, tokens: Int[Array, " t"]
) -> Float[Array, ""]:
    """The log-probability of a sentence under `sample`.

    It differs from the model's likelihood: `START` and `UNKNOWN` have probability 0, and the last position can only be
    the stop. No dropout.

    Args:
        captioner: the model.
        params: its parameters.
        image: the arrays of one image.
        tokens: the sentence, as `sample` returns it.
    """
    logits = jax.vmap(mask_special_tokens)(teacher_forced(captioner, params, image, tokens))
    each = word_log_probabilities(logits, tokens)
    # At the last position the stop is certain: log 1
    free = token_mask(tokens) & (jnp.arange(len(tokens)) < len(tokens) - 1)
    return jnp.where(free, each, jnp.zeros_like(each)).sum()


def expected_reward(
    captioner: Captioner,
    reward: Callable[[Int[Array, " t"], Any], Float[Array, ""]],
    *,
    length: int,
    stop: int,
    samples: int = 1,
    baseline: str = "none",
) -> Callable[[Any, Any, PRNGKeyArray | None], Float[Array, ""]]:
    """An unbiased estimate of `E[R(s)]` over sentences s sampled from a model; its gradient is unbiased too.

    The gradient is that of the score function (Williams 1992), with n samples:

        grad E[R] = E[R grad log P(s)]  ~  1/n sum_i (R(s_i) - b) grad log P(s_i)

    A baseline b that does not depend on s_i does not change the expectation (`E[grad log P] = 0`) and reduces the
    variance. Sampling, likelihood and reward are without dropout.

    Args:
        captioner: the model.
        reward: `reward(tokens, image) -> number`; it is not differentiated.
        length: largest number of tokens of a sentence, the stop included.
        stop: the token that ends a sentence.
        samples: n, number of samples for one estimate.
        baseline: b: "none" (0, as Hendricks et al. 2016 and Williams 1992 write it), "greedy" (the reward of the
            greedy sentence: self-critical, Rennie et al. 2017) or "others" (the mean reward of the other n - 1).

    Returns:
        `estimate(params, image, key) -> number`: the mean reward of the samples.

    Raises:
        ValueError: an unknown baseline, or "others" with one sample; at the call, no key.

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
        constants = jax.lax.stop_gradient(params)
        sentences = jax.vmap(lambda key: draw(constants, image, key))(keys)
        rewards = jax.vmap(lambda tokens: reward(tokens, image))(sentences)
        # Constants of the estimate: only the log-probabilities are differentiated
        gains = jax.lax.stop_gradient(rewards - against(constants, image, rewards))
        logs = jax.vmap(lambda tokens: sampling_log_likelihood(captioner, params, image, tokens))(sentences)
        slopes = gains.astype(logs.dtype) * (logs - jax.lax.stop_gradient(logs))  # value 0; only its gradient counts
        return jax.lax.stop_gradient(rewards).astype(logs.dtype).mean() + slopes.mean()

    return estimate
