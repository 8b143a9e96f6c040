"""Do people choose the pair of classes that an explanation names? Rates of a questionnaire (intervals: `resampling`).

Answers are whole numbers `[people, questions, 2]`: the two classes that a person chose, in any order. `DONT_KNOW` twice
stands where the person did not know, `MISSING` twice where there is no answer.
"""

import jax.numpy as jnp
from jax import Array
from jaxtyping import Float, Int

__all__ = [
    "DONT_KNOW",
    "MISSING",
    "agreement_between",
    "agreement_with",
    "dont_know_rate",
]

DONT_KNOW, MISSING = -1, -2


def agreement_with(
    answers: Int[Array, "p q 2"],
    pairs: Int[Array, "q 2"],
    *,
    left_out: bool = False,
    people: Float[Array, " p"] | None = None,
    questions: Float[Array, " q"] | None = None,
) -> Float[Array, ""]:
    """The share of answers that name the algorithm's pair.

    Args:
        answers: see the module.
        pairs: `[q, 2]`, the algorithm's two classes for each question, in any order.
        left_out: don't-knows are left out; else they count as answers that do not agree.
        people: weights of the people `[p]`; ones by default.
        questions: weights of the questions `[q]`; ones by default, 0 leaves a question out.

    Returns:
        A share in 0..1; NaN if there is no answer.

    Raises:
        ValueError: shapes that do not fit.

    Reference:
        Wang and Vasconcelos 2019, "Deliberative explanations", section 6 (which does not say whether its 51.9 %
        counts the don't-knows).

    Example:
        >>> import jax.numpy as jnp
        >>> answers = jnp.array([[[3, 7], [2, 4]], [[7, 3], [-1, -1]]])
        >>> float(agreement_with(answers, jnp.array([[3, 7], [4, 5]])))
        0.5
    """
    _check(answers, pairs)
    weights = _weights(answers, people, questions)
    eligible = _has_pair(answers) if left_out else _has_answer(answers)
    agreement = _has_pair(answers) & (jnp.sort(answers, -1) == jnp.sort(pairs, -1)[None]).all(-1)
    return _share(agreement, eligible, weights)


def agreement_between(
    answers: Int[Array, "p q 2"],
    *,
    left_out: bool = False,
    people: Float[Array, " p"] | None = None,
    questions: Float[Array, " q"] | None = None,
) -> Float[Array, ""]:
    """The share of pairs of people who chose the same two classes, over all questions.

    Two different people who both answered a question are a pair; Fleiss' observed agreement with whole pairs of classes
    as categories.

    Args:
        answers: see the module.
        left_out: don't-knows are left out; else a pair of people with a don't-know does not agree.
        people: weights of the people `[p]`; ones by default.
        questions: weights of the questions `[q]`; ones by default, 0 leaves a question out.

    Returns:
        A share in 0..1; NaN if no two people answered the same question.

    Raises:
        ValueError: answers of another shape.

    Reference:
        Wang and Vasconcelos 2019, section 6 ("agreed amongst themselves"); Fleiss 1971, equation 3.

    Example:
        >>> import jax.numpy as jnp
        >>> answers = jnp.array([[[3, 7]], [[7, 3]], [[3, 4]]])
        >>> round(float(agreement_between(answers)), 3)
        0.333
    """
    _check(answers)
    eligible = _has_pair(answers) if left_out else _has_answer(answers)
    sorts = jnp.sort(answers, -1)
    # two don't-knows are equal numbers, but no agreement
    same = (sorts[:, None] == sorts[None]).all(-1) & _has_pair(answers)[:, None]
    who = jnp.ones(answers.shape[0]) if people is None else people
    pairs = jnp.triu(who[:, None] * who[None], 1)  # every pair of different people once
    which = jnp.ones(answers.shape[1], pairs.dtype) if questions is None else questions.astype(pairs.dtype)
    both = eligible[:, None] & eligible[None]
    # precision="highest": accelerators would round counts in the product
    agreement, total = (
        (pairs * jnp.matmul(what.astype(pairs.dtype), which, precision="highest")).sum() for what in (same & both, both)
    )
    return agreement / total


def dont_know_rate(
    answers: Int[Array, "p q 2"],
    *,
    people: Float[Array, " p"] | None = None,
    questions: Float[Array, " q"] | None = None,
) -> Float[Array, ""]:
    """The share of answers that are don't-knows.

    Args:
        answers: see the module.
        people: weights of the people `[p]`; ones by default.
        questions: weights of the questions `[q]`; ones by default, 0 leaves a question out.

    Returns:
        A share in 0..1; NaN if there is no answer.

    Raises:
        ValueError: answers of another shape.

    Example:
        >>> import jax.numpy as jnp
        >>> float(dont_know_rate(jnp.array([[[3, 7], [-1, -1], [-2, -2]]])))
        0.5
    """
    _check(answers)
    has_answer = _has_answer(answers)
    return _share(has_answer & ~_has_pair(answers), has_answer, _weights(answers, people, questions))


def _has_answer(answers: Array) -> Array:
    return (answers > MISSING).all(-1)


def _has_pair(answers: Array) -> Array:
    return (answers > DONT_KNOW).all(-1)


def _weights(answers: Array, people: Array | None, questions: Array | None) -> Array:
    who = jnp.ones(answers.shape[0]) if people is None else people
    which = jnp.ones(answers.shape[1]) if questions is None else questions
    return who[:, None] * which[None]


def _share(true: Array, eligible: Array, weights: Array) -> Array:
    return jnp.where(true & eligible, weights, 0).sum() / jnp.where(eligible, weights, 0).sum()


def _check(answers: Array, pairs: Array | None = None) -> None:
    if answers.ndim != 3 or answers.shape[-1] != 2:
        raise ValueError(f"expected answers [people, questions, 2], got {answers.shape}.")
    if pairs is not None and pairs.shape != answers.shape[1:]:
        raise ValueError(f"expected a pair of classes for each question {answers.shape[1:]}, got {pairs.shape}.")
