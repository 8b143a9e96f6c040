"""Classifiers in Flax NNX as pure functions of one example, with named intermediates, and their weights."""

from jxai.models.arrays import load_arrays, save_arrays
from jxai.models.cnn import small_cnn
from jxai.models.mobilenet import mobilenet_v1, mobilenet_v2
from jxai.models.model import Model, pure, signed_unit
from jxai.models.pooling import max_pool
from jxai.models.squeezenet import squeezenet
from jxai.models.vit import vit, vit_base, vit_small, vit_tiny
from jxai.models.weights import MODELS, into, load

__all__ = [
    "MODELS",
    "Model",
    "into",
    "load",
    "load_arrays",
    "max_pool",
    "mobilenet_v1",
    "mobilenet_v2",
    "pure",
    "save_arrays",
    "signed_unit",
    "small_cnn",
    "squeezenet",
    "vit",
    "vit_base",
    "vit_small",
    "vit_tiny",
]
