"""Methods: attention, and deliberative explanations."""

from jxai.explainers.attention.relevance import attention_relevance, transition_attention_maps
from jxai.explainers.attention.rollout import attention_rollout, raw_attention
from jxai.explainers.deliberative.maps import deliberative
from jxai.explainers.deliberative.order import first_order, location_maps, second_order
from jxai.methods.method import Method

__all__ = ["ROWS"]

ROWS = (
    Method(
        "raw_attention",
        raw_attention,
        "attention",
        "Raw attention",
        at="optional",
        shape="tokens",
        integers=True,
        options=("heads", "token", "grid"),
    ),
    Method(
        "attention_rollout",
        attention_rollout,
        "attention",
        "Attention rollout",
        "Abnar and Zuidema 2020",
        at="optional",
        shape="tokens",
        integers=True,
        options=("heads", "residual", "discard", "token", "grid"),
    ),
    Method(
        "attention_relevance",
        attention_relevance,
        "attention",
        "Attention relevance",
        "Chefer et al. 2021 (ICCV; CVPR)",
        at="optional",
        shape="tokens",
        integers=True,
        options=("rule", "token", "grid"),
    ),
    Method(
        "transition_attention_maps",
        transition_attention_maps,
        "attention",
        "Transition attention maps",
        "Yuan et al. 2021",
        at="optional",
        inputs=("baseline",),
        shape="tokens",
        count="steps",
        chunk=True,
        options=("quadrature", "start", "token", "grid"),
    ),
    Method(
        "first_order",
        first_order,
        "deliberative",
        "First-order maps of a layer",
        "Wang and Vasconcelos 2019, eq. 2",
        takes="function",
        at="required",
        shape="space",
        chunk=True,
        integers=True,
    ),
    Method(
        "second_order",
        second_order,
        "deliberative",
        "Second-order maps of a layer",
        "Wang and Vasconcelos 2019, eq. 2",
        takes="function",
        at="required",
        shape="space",
        chunk=True,
        integers=True,
    ),
    Method(
        "location_maps",
        location_maps,
        "deliberative",
        "Any method as maps of a layer",
        takes="function",
        shape="space",
        chunk=True,
        integers=True,
    ),
    Method(
        "deliberative",
        deliberative,
        "deliberative",
        "Deliberative explanations",
        "Wang and Vasconcelos 2019",
        takes="function",
        requires=("difficulty",),
        at="required",
        shape="insecurities",
        integers=True,
        options=("attribution", "classes", "candidates", "coverage", "threshold", "size", "combine", "variant"),
    ),
)
