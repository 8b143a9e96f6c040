"""Where an experiment finds real data and puts its results."""

import os
import pathlib

__all__ = ["BIRD_CLASSIFIER", "RESULTS", "WEIGHTS", "data_folder"]

RESULTS = pathlib.Path(__file__).parents[1] / "results"
WEIGHTS = {  # files in the folder `models` of the data
    "mobilenet_v2": "mobilenet_v2_1.0_224_quant.npz",
    "vit_tiny": "vit_tiny_patch16_224_fp16.npz",
    "resnet50": "resnet50.npz",
    "squeezenet": "squeezenet_v1.0_fp32.npz",
}
BIRD_CLASSIFIER = "mobilenet_v2_1.0_224_inat_bird_quant.npz"


def data_folder() -> pathlib.Path:
    """The folder with real weights and images: `$JXAI_DATA`, or the one beside the repository."""
    return pathlib.Path(os.environ.get("JXAI_DATA", "../shared/data"))
