"""What all furniture has: measures and colours."""

from typing import NamedTuple

from jxai.data.scenes.canvas import Colour, Group

__all__ = ["CLOTHS", "DARK", "LAMINATES", "STEEL", "WHITES", "WOODS", "Built"]

WOODS: tuple[Colour, ...] = ((150, 104, 62), (176, 132, 86), (112, 76, 48), (206, 176, 132), (222, 214, 200))
CLOTHS: tuple[Colour, ...] = ((164, 60, 56), (64, 96, 150), (92, 128, 88), (196, 158, 84), (128, 120, 118),
                              (116, 84, 128), (206, 200, 188), (70, 76, 88))  # fmt: skip
LAMINATES: tuple[Colour, ...] = ((214, 204, 184), (196, 198, 200), (222, 190, 140))
WHITES: tuple[Colour, ...] = ((228, 228, 226), (206, 210, 214), (232, 224, 206))
STEEL: Colour = (176, 182, 188)
DARK: Colour = (36, 36, 42)


class Built(NamedTuple):
    """A piece of furniture: its pieces, width, depth and height."""

    groups: list[Group]
    width: float
    depth: float
    height: float
