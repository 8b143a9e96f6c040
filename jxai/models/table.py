"""The table of models: one row a model, plain data, read by the command line, the loaders and the documentation."""

import dataclasses
from collections.abc import Callable
from typing import Literal

from jxai.models.alexnet import alexnet
from jxai.models.bert import bert
from jxai.models.cnn import small_cnn
from jxai.models.mobilenet import mobilenet_v1, mobilenet_v2
from jxai.models.resnet import resnet18, resnet34, resnet50, resnet101, resnet152
from jxai.models.squeezenet import squeezenet, squeezenet1_0
from jxai.models.text_transformer import text_transformer
from jxai.models.vgg import vgg11, vgg11_bn, vgg13, vgg13_bn, vgg16, vgg16_bn, vgg19, vgg19_bn
from jxai.models.vit import deit_base, deit_small, deit_tiny, vit, vit_base, vit_large, vit_small, vit_tiny

__all__ = ["ROWS", "Row"]


@dataclasses.dataclass(frozen=True)
class Row:
    """An architecture, and what command line, loaders and documentation need to know of it.

    Attributes:
        name: as the command line calls it.
        function: its constructor.
        family: architectures that differ in size only are one family.
        explains: what it classifies, "images" or "texts".
        weights: whose weight files are read besides our own; "numbered
            arrays" are named 000_w, 000_b ... by operation.
        paper: authors and year; empty where it is ours.
    """

    name: str
    function: Callable
    family: str
    explains: Literal["images", "texts"]
    weights: tuple[str, ...] = ()
    paper: str = ""

    @property
    def description(self) -> str:
        """One line: the first of the constructor's docstring."""
        return (self.function.__doc__ or "").partition("\n")[0]


_VGG, _ALL = ("torchvision", "timm"), ("torchvision", "timm", "Hugging Face")

ROWS = (
    Row("small_cnn", small_cnn, "small CNN", "images"),
    Row("mobilenet_v1", mobilenet_v1, "MobileNet", "images", ("numbered arrays",), "Howard et al. 2017"),
    Row("mobilenet_v2", mobilenet_v2, "MobileNet", "images", ("numbered arrays",), "Sandler et al. 2018"),
    Row("squeezenet", squeezenet, "SqueezeNet", "images", ("Caffe",), "Iandola et al. 2016"),
    Row("squeezenet1_0", squeezenet1_0, "SqueezeNet", "images", ("torchvision",), "Iandola et al. 2016"),
    Row("alexnet", alexnet, "AlexNet", "images", ("torchvision",), "Krizhevsky 2014"),
    Row("vgg11", vgg11, "VGG", "images", _VGG, "Simonyan and Zisserman 2015"),
    Row("vgg13", vgg13, "VGG", "images", _VGG, "Simonyan and Zisserman 2015"),
    Row("vgg16", vgg16, "VGG", "images", _VGG, "Simonyan and Zisserman 2015"),
    Row("vgg19", vgg19, "VGG", "images", _VGG, "Simonyan and Zisserman 2015"),
    Row("vgg11_bn", vgg11_bn, "VGG", "images", _VGG, "Simonyan and Zisserman 2015"),
    Row("vgg13_bn", vgg13_bn, "VGG", "images", _VGG, "Simonyan and Zisserman 2015"),
    Row("vgg16_bn", vgg16_bn, "VGG", "images", _VGG, "Simonyan and Zisserman 2015"),
    Row("vgg19_bn", vgg19_bn, "VGG", "images", _VGG, "Simonyan and Zisserman 2015"),
    Row("resnet18", resnet18, "ResNet", "images", _ALL, "He et al. 2016"),
    Row("resnet34", resnet34, "ResNet", "images", _ALL, "He et al. 2016"),
    Row("resnet50", resnet50, "ResNet", "images", _ALL, "He et al. 2016"),
    Row("resnet101", resnet101, "ResNet", "images", _ALL, "He et al. 2016"),
    Row("resnet152", resnet152, "ResNet", "images", _ALL, "He et al. 2016"),
    Row("vit", vit, "vision transformer", "images", _ALL, "Dosovitskiy et al. 2021"),
    Row("vit_tiny", vit_tiny, "vision transformer", "images", _ALL, "Dosovitskiy et al. 2021"),
    Row("vit_small", vit_small, "vision transformer", "images", _ALL, "Dosovitskiy et al. 2021"),
    Row("vit_base", vit_base, "vision transformer", "images", _ALL, "Dosovitskiy et al. 2021"),
    Row("vit_large", vit_large, "vision transformer", "images", _ALL, "Dosovitskiy et al. 2021"),
    Row("deit_tiny", deit_tiny, "vision transformer", "images", ("timm",), "Touvron et al. 2021"),
    Row("deit_small", deit_small, "vision transformer", "images", ("timm",), "Touvron et al. 2021"),
    Row("deit_base", deit_base, "vision transformer", "images", ("timm",), "Touvron et al. 2021"),
    Row("bert", bert, "BERT", "texts", ("Hugging Face",), "Devlin et al. 2019"),
    Row(
        "text_transformer", text_transformer, "text transformer", "texts", (), "Vaswani et al. 2017; Xiong et al. 2020"
    ),
)
