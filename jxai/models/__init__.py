"""Models of images and text in Flax NNX as pure functions of one example, with named intermediates; their weights."""

from jxai.models.alexnet import alexnet
from jxai.models.bert import bert
from jxai.models.cnn import small_cnn
from jxai.models.hardness import Hardness, hardness
from jxai.models.mobilenet import mobilenet_v1, mobilenet_v2
from jxai.models.model import Model, imagenet_standard, pure, signed_unit
from jxai.models.norms import batch_norm, fold_batch_norm
from jxai.models.pooling import adaptive_mean, max_pool
from jxai.models.resnet import resnet, resnet18, resnet34, resnet50, resnet101, resnet152
from jxai.models.squeezenet import squeezenet, squeezenet1_0
from jxai.models.text import TextModel, from_tokens, masked, mean_of_tokens
from jxai.models.text_transformer import text_transformer
from jxai.models.vgg import vgg, vgg11, vgg11_bn, vgg13, vgg13_bn, vgg16, vgg16_bn, vgg19, vgg19_bn
from jxai.models.vit import (
    deit_base,
    deit_small,
    deit_tiny,
    resize_positions,
    vit,
    vit_base,
    vit_large,
    vit_small,
    vit_tiny,
)
from jxai.models.weights.arrays import load_arrays, save_arrays
from jxai.models.weights.load import MODELS, into, load
from jxai.models.weights.text import TEXT_MODELS, load_text, with_head

__all__ = [
    "MODELS",
    "TEXT_MODELS",
    "Hardness",
    "Model",
    "TextModel",
    "adaptive_mean",
    "alexnet",
    "batch_norm",
    "bert",
    "deit_base",
    "deit_small",
    "deit_tiny",
    "fold_batch_norm",
    "from_tokens",
    "hardness",
    "imagenet_standard",
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
    "resize_positions",
    "resnet",
    "resnet101",
    "resnet152",
    "resnet18",
    "resnet34",
    "resnet50",
    "save_arrays",
    "signed_unit",
    "small_cnn",
    "squeezenet",
    "squeezenet1_0",
    "text_transformer",
    "vgg",
    "vgg11",
    "vgg11_bn",
    "vgg13",
    "vgg13_bn",
    "vgg16",
    "vgg16_bn",
    "vgg19",
    "vgg19_bn",
    "vit",
    "vit_base",
    "vit_large",
    "vit_small",
    "vit_tiny",
    "with_head",
]
