"""Methods: masks by optimisation, segments, and maps for comparison."""

from jxai.explainers.comparisons import edge_detector, random_map
from jxai.explainers.masks.extremal_perturbation import extremal_perturbation
from jxai.explainers.masks.marc import marc
from jxai.explainers.masks.meaningful_perturbation import meaningful_perturbation
from jxai.explainers.regions.regional_multiscale import regional_multiscale
from jxai.explainers.regions.xrai import xrai
from jxai.methods.method import Method

__all__ = ["ROWS"]

ROWS = (
    Method(
        "meaningful_perturbation",
        meaningful_perturbation,
        "masks",
        "Meaningful perturbation",
        "Fong and Vedaldi 2017",
        inputs=("baseline",),
        draws=True,
        shape="places",
        mask=True,
        count="steps",
        chunk=True,
        blurs=True,
        options=("game", "cell", "smooth", "sigma", "jitter", "l1", "tv", "beta", "learning_rate", "start", "stop"),
    ),
    Method(
        "extremal_perturbation",
        extremal_perturbation,
        "masks",
        "Extremal perturbation",
        "Fong et al. 2019",
        inputs=("baseline",),
        shape="places",
        mask=True,
        count="steps",
        chunk=True,
        blurs=True,
        options=(
            "areas",
            "game",
            "cell",
            "smooth",
            "temperature",
            "sigma",
            "levels",
            "weight",
            "learning_rate",
            "stop",
        ),
    ),
    Method(
        "marc",
        marc,
        "masks",
        "MaRC",
        "Brinner and Zarriess 2023",
        inputs=("backgrounds", "groups"),
        scores=("log_mixture", "log_probability", "log_sigmoid"),
        shape="places",
        mask=True,
        count="steps",
        chunk=True,
        options=(
            "mask",
            "variant",
            "sufficiency",
            "comprehensiveness",
            "noise",
            "flips",
            "squash",
            "learning_rate",
            "optimiser",
            "stop",
        ),
    ),
    Method(
        "xrai",
        xrai,
        "regions",
        "XRAI",
        "Kapishnikov et al. 2019",
        takes="explainer",
        over="integrated_gradients",
        needs=("segments",),
        shape="places",
        options=("count", "smallest", "ordered"),
    ),
    Method(
        "regional_multiscale",
        regional_multiscale,
        "regions",
        "Regional multi-scale",
        "Seo et al. 2020 (our reading of the abstract)",
        needs=("segments",),
        draws=True,
        scores=("probability",),
        shape="places",
        count="samples",
        chunk=True,
        options=("count", "trials", "normalise"),
    ),
    Method("random_map", random_map, "comparison", "Random map", "Petsiuk et al. 2018", draws=True, shape="places"),
    Method("edge_detector", edge_detector, "comparison", "Edge detector", "Adebayo et al. 2018", shape="places"),
)
