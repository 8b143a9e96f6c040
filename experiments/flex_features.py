"""What the words of features are good for: masking, misclassified pictures, and annotation of parts."""

from typing import Any

import numpy as np

from experiments.flex_data import Set
from experiments.flex_masking import masking, named_features
from experiments.flex_measures import Facts
from experiments.flex_networks import Network
from jxai.commands.flex_pipeline import Prepared
from jxai.language.tagging import mentions

__all__ = ["masked"]


def masked(
    ready: Prepared, net: Network, said: dict[str, list[str]], facts: Facts, seed: int, most: int
) -> dict[str, dict[str, Any]]:
    """Masking of the channels that each method's sentences name: of those of the decision's tree, and of all.

    Args:
        ready: with the words of channels.
        net: the classifier.
        said: sentences by method.
        facts: of the pictures.
        seed: of random channels.
        most: of the pictures, at most.
    """
    images, classes = facts.images[:most], facts.predicted[:most]
    own = np.asarray(ready.splits["test"].features.relevant, bool)[:most]
    word, support = (np.asarray(each) for each in ready.associations[:3:2])
    words = {
        name: np.stack([np.asarray(mentions(ready.words.vocabulary, [s], ready.words.content)) for s in of[:most]])
        for name, of in said.items()
    }
    every = np.ones_like(own)
    widths = tuple(ready.layers.values())
    named = {name: named_features(word, of, support) for name, of in words.items()}
    of_decision = {name: of & own for name, of in named.items()}
    pools = {"random": every, "random of the decision's": own}
    return {
        "masking": masking(net, images, classes, of_decision, pools, widths, seed=seed),
        "masking, all channels": masking(net, images, classes, named, {"random": every}, widths, seed=seed),
    }
