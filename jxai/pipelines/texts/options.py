"""Settings of the methods of texts."""

import dataclasses

__all__ = ["TextOptions"]


@dataclasses.dataclass(frozen=True)
class TextOptions:
    """Settings of the methods; each goes to the methods that have it.

    Attributes:
        score: What is explained: logit, log_probability, probability, log_sigmoid or mixture; by default the logit, by
            marc log_probability.
        baseline: What stands for an absent word: pad, mask (the tokens of those names) or zero (its embedding).
        at: Layer (tap) of layer methods.
        over: Explainer that smoothgrad, smoothgrad_squared, vargrad, times_input and contrast build on; by default the
            gradient.
        path: Path method that idgi builds on.
        variant: Of marc: released (bounded evidence against the complement) or paper.
        steps: Steps of path methods and of marc; by default the method's own.
        samples: Samples of stochastic methods; by default the method's own.
        chunk: Evaluations side by side (memory); by default the method's own.
        seed: Seed of the random numbers.
    """

    score: str | None = None
    baseline: str = "pad"
    at: str | None = None
    over: str | None = None
    path: str = "integrated_gradients"
    variant: str = "released"
    steps: int | None = None
    samples: int | None = None
    chunk: int | None = None
    seed: int = 0
