"""Settings of the methods of images, which travel from the command line to the methods."""

import dataclasses

__all__ = ["Options"]


@dataclasses.dataclass(frozen=True)
class Options:
    """Settings of the methods; each goes to the methods that have it.

    Attributes:
        score: What is explained: logit, log_probability, probability, log_sigmoid, mixture or log_mixture; by default
            logit, for marc log_mixture (CNNs) or log_probability (transformers).
        baseline: What stands for absence: black, white, mean (the picture's mean colour) or blur; by default black, for
            the methods that optimise a mask a blur of their own, for marc also black, white and mean (CNNs).
        at: Layer (tap) of the class activation maps and layer methods; by default the model's last feature map.
        over: Explainer that smoothgrad, smoothgrad_squared, vargrad, times_input, contrast and xrai build on; by
            default the gradient, for xrai integrated gradients.
        path: Path method that idgi builds on.
        groups: What perturbation, surrogate and Shapley methods switch on and off: grid (squares) or slic (segments).
        count: How many groups, at most.
        variant: Of marc: released (bounded evidence against the complement) or paper.
        steps: Steps of path and optimisation methods; by default the method's own, for marc 900.
        samples: Samples of stochastic methods; by default the method's own.
        chunk: Evaluations side by side (memory); by default the method's own, on a CPU two of pictures from 128 px.
        seed: Seed of the random numbers.
    """

    score: str | None = None
    baseline: str | None = None
    at: str | None = None
    over: str | None = None
    path: str = "integrated_gradients"
    groups: str = "grid"
    count: int = 49
    variant: str = "released"
    steps: int | None = None
    samples: int | None = None
    chunk: int | None = None
    seed: int = 0
