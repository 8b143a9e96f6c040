"""The names of species: from the attribute that tells a species in its family, a habitat, and the body plan."""

from jxai.data.birds.builds import BUILDS, Build

__all__ = ["epithet", "family_name"]

_HABITATS = ("Marsh", "River", "Forest", "Island", "Meadow", "Mountain", "Desert", "Lake", "Jungle", "Coast", "Heath",
             "Canyon", "Orchard", "Tundra", "Prairie", "Swamp", "Cliff")  # fmt: skip
_PARTS = {"crown": "crowned", "forehead": "fronted", "nape": "naped", "throat": "throated", "breast": "breasted",
          "belly": "bellied", "back": "backed", "wing": "winged", "upper": "tailed", "bill": "billed",
          "leg": "legged", "eye": "eyed"}  # fmt: skip
_PATTERNS = {"solid": "Plain", "spotted": "Spot", "striped": "Bar", "multi-colored": "Pied"}
_HEADS = {"plain": "Plain-headed", "eyebrow": "Browed", "masked": "Masked", "capped": "Capped", "crested": "Crested",
          "eyeline": "Line-eyed", "eyering": "Spectacled", "malar": "Moustached", "striped": "Stripe-headed",
          "spotted": "Spot-headed"}  # fmt: skip
_BILLS = {"cone": "Thick", "needle": "Needle", "dagger": "Dagger", "hooked": "Hook", "hooked_seabird": "Strong",
          "spatulate": "Spoon", "all-purpose": "Slender", "curved_(up_or_down)": "Curve"}  # fmt: skip
_TAILS = {"forked_tail": "Fork", "rounded_tail": "Round", "notched_tail": "Notch", "fan-shaped_tail": "Fan",
          "pointed_tail": "Point", "squared_tail": "Square"}  # fmt: skip


def epithet(group: str, value: str) -> str:
    """The first word of a name.

    Example:
        >>> epithet("has_throat_color", "rufous"), epithet("has_breast_pattern", "spotted")
        ('Rufous-throated', 'Spot-breasted')
    """
    if group == "has_head_pattern":
        return _HEADS[value]
    if group == "has_bill_shape":
        return f"{_BILLS[value]}-billed"
    if group == "has_tail_shape":
        return f"{_TAILS[value]}-tailed"
    first = _PATTERNS[value] if group.endswith("pattern") else value.capitalize()
    return f"{first}-{_PARTS[group.split('_')[1]]}"


def family_name(family: int, build: Build) -> str:
    """The last words of a name, the same for all members of a family: `Marsh Finch`."""
    noun = build.nouns[(family // len(BUILDS)) % len(build.nouns)]
    return f"{_HABITATS[family % len(_HABITATS)]} {noun}"
