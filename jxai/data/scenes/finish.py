"""Sky, texture and light of a whole picture."""

from typing import NamedTuple

import numpy as np
from PIL import Image, ImageFilter

from jxai.data.scenes.canvas import Colour
from jxai.data.scenes.profiles import OBJECTS
from jxai.data.wording import pick

__all__ = ["CANVAS", "Mood", "draw_mood", "finished", "sky"]

CANVAS = 256
"""What is seen is judged at this size, so that it does not depend on the size of the image; so is the texture."""
_SKIES: tuple[tuple[Colour, Colour], ...] = (
    ((86, 142, 214), (198, 220, 238)), ((122, 166, 220), (222, 230, 236)), ((160, 170, 184), (214, 218, 222)),
    ((110, 130, 190), (244, 208, 170)),
)  # fmt: skip
_GRAIN = {"grass": 0.13, "field": 0.14, "earth": 0.12, "sand": 0.05, "tree": 0.13, "mountain": 0.1, "water": 0.06,
          "rock": 0.1, "plant": 0.08, "rug": 0.08, "road": 0.04, "sidewalk": 0.04, "animal": 0.05, "floor": 0.035,
          "wall": 0.012, "building": 0.03, "sofa": 0.03, "bed": 0.03}  # fmt: skip


class Mood(NamedTuple):
    """The light of one picture: brightness, the colour of the light, where it comes from; and the picture's noise."""

    gain: float
    tint: tuple[float, float, float]
    slope: tuple[float, float]
    fine: np.ndarray
    wide: np.ndarray


def draw_mood(rng: np.random.Generator) -> Mood:
    """The light of one picture."""
    warm = rng.normal(0, 0.045)
    fine = rng.standard_normal((CANVAS, CANVAS), np.float32)
    fine += np.roll(fine, 1, 1)
    coarse = Image.fromarray(rng.normal(0, 1, (20, 10)).astype(np.float32))
    wide = np.asarray(coarse.resize((CANVAS, CANVAS), Image.Resampling.BICUBIC))
    slope = (float(rng.normal(0, 0.09)), float(rng.normal(0, 0.06)))
    return Mood(float(rng.uniform(0.76, 1.1)), (1 + warm, 1.0, 1 - warm), slope, fine / 2**0.5, wide)


def sky(side: int, horizon: float, rng: np.random.Generator) -> Image.Image:
    """A sky that is brighter towards the horizon, with clouds."""
    high, low = (np.array(c, np.float32) for c in pick(_SKIES, rng))
    rows = np.clip(np.linspace(0, 1, 64, dtype=np.float32) / max(horizon, 0.2), 0, 1)[:, None, None]
    image = np.repeat(high + (low - high) * rows, 64, 1)
    grain = Image.fromarray(rng.normal(0, 1, (16, 8)).astype(np.float32)).resize((64, 64), Image.Resampling.BICUBIC)
    finer = Image.fromarray(rng.normal(0, 1, (32, 20)).astype(np.float32)).resize((64, 64), Image.Resampling.BICUBIC)
    cover = np.clip((np.asarray(grain) + 0.5 * np.asarray(finer) - rng.uniform(0.0, 1.3)) * 1.6, 0, 1)[..., None]
    image = image + cover * 0.85 * (np.array((250, 250, 252), np.float32) - image)
    picture = Image.fromarray(np.clip(image, 0, 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(0.6))
    return picture.resize((side, side), Image.Resampling.BICUBIC)


def finished(canvas: Image.Image, kinds: np.ndarray, mood: Mood, size: int) -> np.ndarray:
    """A painted canvas with the texture of what it shows, in its light, reduced to `size` pixels.

    Args:
        canvas: The picture.
        kinds: The map of objects at the same side: index plus one.
        mood: The light.
        size: The side of the image.
    """
    side = canvas.size[0]
    table = np.array([0.0, *(_GRAIN.get(name, 0.015) for name in OBJECTS)], np.float32)
    grain = mood.fine * 0.6 + mood.wide * 0.5
    if side != CANVAS:
        grain = np.asarray(Image.fromarray(grain).resize((side, side), Image.Resampling.BICUBIC))
    texture = Image.fromarray(1 + table[kinds] * grain).resize((size, size), Image.Resampling.BOX)
    across = np.linspace(-1, 1, size, dtype=np.float32)
    light = mood.gain * (1 + mood.slope[0] * across[None] + mood.slope[1] * across[:, None]) * np.asarray(texture)
    reduced = np.asarray(canvas.resize((size, size), Image.Resampling.BOX), np.float32)
    lit = reduced * light[..., None] * np.array(mood.tint, np.float32)
    return np.clip(np.rint(lit), 0, 255).astype(np.uint8)
