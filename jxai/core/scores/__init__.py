"""What to explain: scores made from a model's `apply(params, x) -> logits [k]`.

Every score takes `(x, label, params)`; `label` may be traced, so `vmap` over labels gives the maps of all classes. A
label out of range is refused where its value can be seen, and gives NaN where it is traced; an index of a score of your
own, `apply(params, x)[label]`, reads the last class there, as all of JAX does.
"""

from jxai.core.scores.of_class import log_mixture, log_probability, log_sigmoid, logit, mixture, probability
from jxai.core.scores.of_doubt import entropy, hesitancy, max_probability
from jxai.core.scores.of_several import class_group, joint, margin

__all__ = [
    "class_group",
    "entropy",
    "hesitancy",
    "joint",
    "log_mixture",
    "log_probability",
    "log_sigmoid",
    "logit",
    "margin",
    "max_probability",
    "mixture",
    "probability",
]
