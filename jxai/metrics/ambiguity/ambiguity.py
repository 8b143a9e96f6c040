"""Which parts make two classes ambiguous? The ground truth of insecurities.

Strengths `[c, c, p]` belong to class pairs and parts. They are larger for more ambiguous ones, and NaN where nothing is
known. `select_insecurities` chooses the strongest. The variants: `paper`, as Wang and Vasconcelos 2019 write it;
`released`, as their code computes it.
"""

from collections.abc import Sequence

import jax
import jax.numpy as jnp
from jax import Array
from jax.core import Tracer
from jaxtyping import Bool, Float, Real

from jxai.core.errors import require_variant

__all__ = ["attribute_ambiguity", "object_ambiguity", "select_insecurities"]

Ranges = Sequence[Sequence[tuple[int, int]]]


def attribute_ambiguity(
    attributes: Real[Array, "c a"], parts: Ranges, *, variant: str = "paper", smoothing: float = 1.0
) -> Float[Array, "c c p"]:
    r"""How alike two classes are in the attributes of each part.

    Each group of a part's attributes is a distribution phi of each class, `(w + smoothing) / sum (w + smoothing)`.
    paper: `exp(-(KL(phi_a || phi_b) + KL(phi_b || phi_a)))`, 0..1, the mean over the part's groups.
    released: phi is the softmax of the raw percentages (nearly one-hot); minus the Endres-Schindelin divergence
    `sum p ln(2p / (p + q)) + q ln(2q / (p + q))`, -2 ln 2..0, the mean over the part's groups.

    Args:
        attributes: `[c, a]`, how often members of a class have an attribute, in percent (0..100).
        parts: for each part the places of its groups among the attributes, `(start, stop)`, stop excluded, such as
            `jxai.data.cub.parts.PART_RANGES`.
        variant: "paper" or "released".
        smoothing: added to each percentage; of the paper variant alone. The paper has none. Without it one attribute
            that a class never has makes its divergence from a class that has it infinite, and the strength 0, as in
            most pairs of CUB.

    Returns:
        Strengths `[c, c, p]`, symmetric. In the paper variant a group that is all zero in a class is left out of the
        mean, and a part without any other is NaN; the softmax of the released one makes it uniform.

    Raises:
        ValueError: attributes of another shape or negative, a part without groups, a range outside the attributes.

    Reference:
        Wang and Vasconcelos 2019, "Deliberative explanations", section 5.1; Endres and Schindelin 2003, "A new metric
        for probability distributions" (theirs is the root).

    Example:
        >>> import jax.numpy as jnp
        >>> attributes = jnp.array([[100.0, 0.0], [100.0, 0.0], [0.0, 100.0]])
        >>> attribute_ambiguity(attributes, [[(0, 2)]])[0, :, 0].round(3).tolist()
        [1.0, 1.0, 0.0]
    """
    require_variant(variant)
    _check_attributes(attributes, parts)
    if smoothing < 0:
        raise ValueError(f"smoothing is added to percentages and must not be negative; {smoothing} came.")
    similarity: dict[tuple[int, ...], Array] = {}  # parts share groups: each is compared once
    for group in {tuple(group) for part in parts for group in part}:
        percentages = attributes[:, slice(*group)]
        similarity[group] = _released(percentages) if variant == "released" else _paper(percentages, smoothing)
    # the mean over a part's groups: the paper's "averagely among all attributes"
    return jnp.stack([jnp.nanmean(jnp.stack([similarity[tuple(group)] for group in part]), 0) for part in parts], -1)


def object_ambiguity(
    frequencies: Real[Array, "c o"], *, variant: str = "paper", least: float = 0.3
) -> Float[Array, "c c o"]:
    r"""How much an object confuses two classes of scenes: `(phi_a + phi_b) / 2` where it is frequent in both.

    All classes and objects of ADE20K (1040 and 150) take 650 MB in float32: pass the frequencies of the classes in use.

    Args:
        frequencies: phi `[c, o]`, the share of a class's images that show the object, 0..1, as
            `jxai.data.object_frequencies` counts them.
        variant: "paper": NaN where a frequency is not above `least`, which is never selected. "released": 0 where a
            frequency is below `least` or 0.
        least: what counts as frequent.

    Returns:
        Strengths `[c, c, o]`, symmetric.

    Raises:
        ValueError: frequencies of another shape.

    Reference:
        Wang and Vasconcelos 2019, section 5.1.

    Example:
        >>> import jax.numpy as jnp
        >>> object_ambiguity(jnp.array([[0.5, 1.0], [1.0, 0.2]]))[0, 1].tolist()
        [0.75, nan]
    """
    require_variant(variant)
    if frequencies.ndim != 2:
        raise ValueError(f"expected the frequencies of objects in classes, [c, o]; {frequencies.shape} came.")
    paper = variant == "paper"
    # the limit itself is frequent in the released code and not in the paper
    frequent = frequencies > least if paper else (frequencies >= least) & (frequencies > 0)
    mean = (frequencies[:, None] + frequencies[None]) / 2
    return jnp.where(frequent[:, None] & frequent[None], mean, jnp.nan if paper else jnp.zeros_like(mean))


def select_insecurities(
    strengths: Float[Array, "c c p"], *, share: float = 0.2, variant: str = "paper", from_below: bool = False
) -> Bool[Array, "c c p"]:
    """The true insecurities: the triplets (part, a, b) of the strongest ambiguity.

    paper: the share of all triplets with a < b, rounded, and what equals the weakest of them; NaN is counted and never
    selected. released: all that is at least as strong as the value at the place `int(share * c * c * p)` of all values
    in decreasing order, for which each triplet counts twice and the diagonal, the strongest of all, too. Their code for
    objects looks from the other end, at `int((1 - share) * c * c * p)` in increasing order: `from_below=True`.

    Args:
        strengths: `[c, c, p]`, symmetric.
        share: of the triplets, above 0, at most 1; theirs is 0.2 for attributes, 0.01 for objects.
        variant: "paper" or "released".
        from_below: of the released variant.

    Returns:
        Booleans `[c, c, p]`, symmetric, false on the diagonal; `truth[a, b]` are the parts that a and b share.

    Raises:
        ValueError: strengths of another shape, or a share out of range.

    Example:
        >>> import jax.numpy as jnp
        >>> strengths = jnp.array([[1.0, 0.9, 0.1], [0.9, 1.0, 0.2], [0.1, 0.2, 1.0]])[..., None]
        >>> select_insecurities(strengths, share=1 / 3)[..., 0].tolist()
        [[False, True, False], [True, False, False], [False, False, False]]
    """
    require_variant(variant)
    if strengths.ndim != 3 or strengths.shape[0] != strengths.shape[1]:
        raise ValueError(f"expected strengths [c, c, p] of pairs of classes; {strengths.shape} came.")
    if not 0 < share <= 1:
        raise ValueError(f"share must be above 0 and at most 1; {share} came.")
    c, _, p = strengths.shape
    if c < 2:
        raise ValueError("expected at least two classes: one alone is confused with none.")
    others = ~jnp.eye(c, dtype=bool)[..., None]
    if variant == "released":  # all of the square array, as their code flattens it
        place = c * c * p - 1 - int((1 - share) * c * c * p) if from_below else int(share * c * c * p)
        values, place = strengths, min(max(place, 0), c * c * p - 1)
    else:  # both halves of a symmetric array: two places a triplet
        values, place = jnp.where(others, strengths, jnp.nan), 2 * max(1, round(share * c * (c - 1) / 2 * p)) - 1
    ascending = jnp.sort(jnp.where(jnp.isnan(values), -jnp.inf, values).ravel())
    weakest = ascending[ascending.size - 1 - place]
    return others & (strengths >= weakest)  # NaN never is


def _paper(weights: Array, smoothing: float) -> Array:
    nonzero = weights.sum(-1) > 0
    counts = weights + jnp.asarray(smoothing, weights.dtype)
    phi = counts / jnp.where(nonzero, counts.sum(-1), jnp.nan)[:, None]
    a, b = phi[:, None], phi[None]
    # without smoothing an attribute that neither class has is 0 (log 0 - log 0), NaN; its term is 0
    apart = jnp.where(a == b, jnp.zeros_like(a - b), (a - b) * (jnp.log(a) - jnp.log(b))).sum(-1)
    return jnp.where(nonzero[:, None] & nonzero[None], jnp.exp(-apart), jnp.nan)


def _released(weights: Array) -> Array:
    # Of percentages the softmax is nearly one-hot, so that values tie at multiples of 2 ln 2 / groups and the threshold
    # falls into a tie. Their code computes in float64 from float32: another rounding moves about 2 % of the triplets.
    phi = jax.nn.softmax(weights)
    a, b = phi[:, None], phi[None]
    mean = (a + b) / 2

    def part(p: Array) -> Array:
        some = jnp.broadcast_to(p > 0, mean.shape)
        return jnp.where(some, p * (jnp.log(jnp.where(p > 0, p, 1)) - jnp.log(jnp.where(some, mean, 1))), 0)

    return -(part(a) + part(b)).sum(-1)


def _check_attributes(attributes: Array, parts: Ranges) -> None:
    if attributes.ndim != 2 or not jnp.issubdtype(attributes.dtype, jnp.floating):
        raise ValueError(f"expected percentages [c, a], floating; {attributes.dtype} {attributes.shape} came.")
    for number, part in enumerate(parts):
        if not part:
            raise ValueError(f"part {number} has no attributes: leave it out, for nothing says whom it resembles.")
        for start, stop in part:
            if not 0 <= start < stop <= attributes.shape[1]:
                raise ValueError(
                    f"part {number} names the attributes {start}..{stop}, but there are {attributes.shape[1]}."
                )
    if not parts:
        raise ValueError("expected at least one part.")
    if not isinstance(attributes, Tracer) and bool((attributes < 0).any()):
        raise ValueError("percentages must not be negative.")
