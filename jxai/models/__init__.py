"""Models of images and text in Flax NNX as pure functions of one example, with named intermediates; their weights."""

from jxai.models.arrays import load_arrays, save_arrays
from jxai.models.bert import bert
from jxai.models.cnn import small_cnn
from jxai.models.mobilenet import mobilenet_v1, mobilenet_v2
from jxai.models.model import Model, pure, signed_unit
from jxai.models.pooling import max_pool
from jxai.models.squeezenet import squeezenet
from jxai.models.text import TextModel, masked, mean_of_tokens
from jxai.models.text_transformer import text_transformer
from jxai.models.text_weights import TEXT_MODELS, load_text
from jxai.models.vit import vit, vit_base, vit_small, vit_tiny
from jxai.models.weights import MODELS, into, load

__all__ = [
    "MODELS",
    "Model",
    "TEXT_MODELS",
    "TextModel",
    "bert",
    "into",
    "load",
    "load_arrays",
    "load_text",
    "masked",
    "max_pool",
    "mean_of_tokens",
    "mobilenet_v1",
    "mobilenet_v2",
    "pure",
    "save_arrays",
    "signed_unit",
    "small_cnn",
    "squeezenet",
    "text_transformer",
    "vit",
    "vit_base",
    "vit_small",
    "vit_tiny",
]
