"""What families of birds look like: their plumages, and the attributes in which the members of a family differ."""

from jxai.data.birds.attributes import SAMPLED

__all__ = ["KEYS", "PALETTES", "contrasting"]

_COLOURS = (
    "crown",
    "forehead",
    "nape",
    "throat",
    "breast",
    "belly",
    "back",
    "wing",
    "upper_tail",
    "under_tail",
    "bill",
    "leg",
    "eye",
)
_PATTERNS = ("breast", "belly", "back", "wing", "tail", "head")


def _palette(colours: str, patterns: str) -> dict[str, str]:
    """Colours of crown, forehead, nape, throat, ... and patterns of breast, belly, ... as attribute values."""
    names = {"bars": "striped", "spots": "spotted", "multi": "multi-colored", "-": "solid"}
    values = {f"has_{part}_color": colour for part, colour in zip(_COLOURS, colours.split(), strict=True)}
    for part, pattern in zip(_PATTERNS, patterns.split(), strict=True):
        values[f"has_{part}_pattern"] = pattern if part == "head" else names[pattern]
    return values


# fmt: off
PALETTES = tuple(_palette(colours, patterns) for colours, patterns in (
    # crown, forehead, nape, throat, breast, belly, back, wing, upper and under tail, bill, leg, eye
    ("grey grey grey white buff white brown brown brown buff yellow pink black", "- - - bars - plain"),
    ("yellow yellow olive yellow yellow white olive grey grey white grey black brown", "- - - bars - eyeline"),
    ("blue blue blue rufous rufous white blue blue black white black grey brown", "- - - - - plain"),
    ("green green green white brown grey brown grey black black yellow orange black", "- - - multi - plain"),
    ("red brown rufous rufous buff buff rufous brown rufous buff grey black yellow", "- - - - bars eyebrow"),
    ("black black grey white orange orange grey black black white black black red", "- - - multi - capped"),
    ("red black white white white white black black black white grey grey brown", "- - - spots - malar"),
    ("green green green buff yellow yellow green olive olive yellow red brown brown", "- - - - - eyering"),
    ("purple purple purple purple grey grey purple black black grey black black yellow", "- - - - - plain"),
    ("white white white white white white grey grey white white yellow pink yellow", "- - - multi - plain"),
    ("buff buff buff buff pink pink brown buff brown white black red orange", "- - - bars bars plain"),
    ("black black black black red black black black black black white grey red", "- - - - - masked"),
    ("brown brown brown white white buff brown brown brown buff black yellow yellow", "bars - - spots bars eyebrow"),
    ("iridescent green iridescent red white grey green iridescent purple grey black black black", "- - - - - plain"),
    ("orange orange orange orange orange yellow black black orange yellow grey grey brown", "- - - bars - masked"),
))
# fmt: on
"""Plumages: a value for each colour and pattern group."""

KEYS = tuple(
    tuple(f"has_{name}" for name in names.split())
    for names in (
        "crown_color breast_color wing_pattern",
        "head_pattern breast_color bill_color",
        "crown_color wing_pattern breast_color",
        "wing_color bill_color upper_tail_color",
        "throat_color wing_color head_pattern",
        "breast_pattern head_pattern upper_tail_color",
        "throat_color crown_color belly_color",
        "back_color bill_shape breast_color",
        "belly_color breast_pattern leg_color",
        "breast_color bill_shape head_pattern",
        "throat_color upper_tail_color tail_shape",
    )
)
"""The three attributes in which the members of a family differ; families take them in turn."""

_OPPOSITE = {
    "blue": ("rufous", "white"), "brown": ("white", "yellow"), "iridescent": ("red", "purple"),
    "purple": ("yellow", "green"),
    "rufous": ("white", "black"), "grey": ("rufous", "black"), "yellow": ("black", "red"), "olive": ("red", "white"),
    "green": ("rufous", "blue"), "pink": ("white", "brown"), "orange": ("blue", "black"), "black": ("yellow", "red"),
    "white": ("black", "red"), "red": ("yellow", "white"), "buff": ("red", "black"),
    "solid": ("spotted", "striped"), "spotted": ("solid", "striped"), "striped": ("solid", "spotted"),
    "multi-colored": ("solid", "striped"),
    "plain": ("eyebrow", "masked"), "eyebrow": ("capped", "crested"), "eyeline": ("masked", "eyering"),
    "capped": ("plain", "eyebrow"), "malar": ("eyebrow", "crested"), "eyering": ("eyeline", "crested"),
    "masked": ("eyebrow", "plain"), "crested": ("plain", "eyebrow"),
    "cone": ("needle", "hooked"), "spatulate": ("dagger", "cone"), "dagger": ("curved_(up_or_down)", "cone"),
    "hooked_seabird": ("needle", "cone"), "all-purpose": ("cone", "hooked"), "hooked": ("dagger", "cone"),
    "needle": ("curved_(up_or_down)", "dagger"), "curved_(up_or_down)": ("dagger", "cone"),
    "forked_tail": ("squared_tail", "rounded_tail"), "notched_tail": ("forked_tail", "rounded_tail"),
    "rounded_tail": ("forked_tail", "pointed_tail"), "fan-shaped_tail": ("forked_tail", "pointed_tail"),
    "pointed_tail": ("squared_tail", "fan-shaped_tail"), "squared_tail": ("forked_tail", "pointed_tail"),
}  # fmt: skip


def contrasting(group: str, base: dict[str, str], family: int) -> str:
    """The other value of a key attribute: one that is told apart from the family's own at a glance."""
    if group not in SAMPLED:
        raise ValueError(f"expected a group that is drawn, got {group}")
    choices = _OPPOSITE[base[group]]
    return choices[(family // len(KEYS)) % len(choices)]
