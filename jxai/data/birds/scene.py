"""The surroundings of a bird: background, perch, water, clutter before it, and light."""

from typing import NamedTuple

import numpy as np
from PIL import Image, ImageFilter

from jxai.data.birds.canvas import Colour, Shape, darker, ellipse, lighter, spline

__all__ = ["Light", "background", "clutter", "draw_light", "ground_kind", "lit", "perch", "water"]

_GRID = 64  # backgrounds are made at this size, blurred and enlarged: the same at every size of the image
_KINDS: dict[str, tuple[str, ...]] = {
    "perched": ("leaves", "sky", "wood", "dusk", "snow"),
    "clinging": ("leaves", "wood", "dusk", "snow"),
    "standing": ("grass", "sand", "snow", "mud"),
    "flying": ("sky", "sky", "dusk", "leaves", "water"),
    "swimming": ("water", "pond"),
}
_TONES: dict[str, tuple[Colour, Colour, Colour]] = {  # top, bottom, blobs
    "leaves": ((96, 134, 66), (58, 92, 44), (150, 178, 92)), "wood": ((128, 114, 88), (84, 78, 56), (160, 150, 112)),
    "sky": ((120, 168, 222), (194, 216, 236), (236, 242, 246)),
    "dusk": ((150, 140, 168), (226, 180, 150), (240, 206, 170)),
    "snow": ((190, 204, 220), (232, 236, 242), (250, 250, 252)),
    "grass": ((120, 156, 92), (98, 138, 58), (150, 176, 90)),
    "sand": ((186, 200, 208), (206, 182, 138), (222, 204, 166)),
    "mud": ((148, 158, 140), (122, 104, 80), (150, 130, 100)),
    "water": ((112, 152, 186), (70, 116, 156), (150, 186, 210)),
    "pond": ((110, 130, 100), (76, 104, 96), (136, 156, 130)),
}  # fmt: skip


class Light(NamedTuple):
    """Brightness, colour of the light, its direction (in the image, y down), and how strongly it shapes the bird."""

    gain: float
    tint: tuple[float, float, float]
    towards: tuple[float, float]
    relief: float


def ground_kind(kind: str, rng: np.random.Generator) -> str:
    """The kind of background for a bird in this kind of pose."""
    return _KINDS[kind][int(rng.integers(len(_KINDS[kind])))]


def background(kind: str, horizon: float, rng: np.random.Generator) -> Image.Image:
    """A blurred landscape: two tones that meet at the horizon (0..1 from the top), with blobs of a third."""
    top, bottom, third = (np.array(tone, np.float64) for tone in _TONES[kind])
    rows = (np.arange(_GRID) + 0.5) / _GRID
    soft = 0.03 if kind in ("sand", "grass", "mud", "snow") else 0.25
    share = 1 / (1 + np.exp(-np.clip((rows - horizon) / soft, -30, 30)))
    base = (1 - share)[:, None] * top + share[:, None] * bottom
    image = np.repeat(base[:, None], _GRID, 1) * rng.uniform(0.88, 1.1)
    x, y = np.meshgrid(rows, rows)
    for _ in range(int(rng.integers(5, 12))):
        cx, cy, r = rng.uniform(0, 1), rng.uniform(0, 1), rng.uniform(0.05, 0.2)
        flat = 3.0 if kind in ("sky", "water", "pond", "sand", "grass", "snow", "mud") else 1.0
        weight = rng.uniform(0.2, 0.7) / (1 + np.exp((np.hypot(x - cx, flat * (y - cy)) - r) * 40))
        tone = third if rng.random() < 0.65 else bottom * 0.75
        image = image + weight[..., None] * (tone - image)
    return Image.fromarray(np.clip(image, 0, 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(1.0))


def _blades(kind: str, level: float, count: int, rng: np.random.Generator) -> list[Shape]:
    """Grass, reeds or ripples: thin lines around a height of the image."""
    tone = _TONES[kind][1]
    shapes = []
    for _ in range(count):
        x, y = rng.uniform(-0.05, 1.05), level + rng.uniform(0.0, 1 - level) ** 1.5
        colour = lighter(tone, rng.uniform(0, 0.35)) if rng.random() < 0.5 else darker(tone, rng.uniform(0.65, 0.95))
        if kind in ("grass", "mud"):
            points = np.array([(x, y), (x + rng.normal(0, 0.02), y - rng.uniform(0.04, 0.12))])
        else:
            points = np.array([(x, y), (x + rng.uniform(0.04, 0.18), y + rng.normal(0, 0.004))])
        shapes.append(Shape([points], colour, None, (), rng.uniform(0.006, 0.012)))
    return shapes


def perch(pose_kind: str, kind: str, feet: np.ndarray, rng: np.random.Generator) -> list[Shape]:
    """What a bird stands on, drawn before it; `feet` are the places of its feet in the image, `[2, 2]`."""
    foot = feet.mean(0)
    if pose_kind == "standing":
        return [
            Shape([ellipse(foot + [0, 0.01], (0.2, 0.03))], darker(_TONES[kind][1], 0.72)),
            *_blades(kind, foot[1] - 0.05, 26, rng),
        ]
    if pose_kind == "swimming":
        return _blades(kind, 0.25, 24, rng)
    wood: Colour = ((104, 82, 60), (86, 74, 64), (122, 104, 82))[int(rng.integers(3))]
    if pose_kind == "clinging":
        lean, width = rng.normal(0, 0.03), rng.uniform(0.2, 0.3)
        side = 1 if foot[0] > 0.5 else -1
        near = foot[0]
        edge = np.array([(near + lean, -0.05), (near, foot[1]), (near - lean, 1.05)])
        trunk = np.vstack([edge, edge[::-1] + [side * width, 0]])
        bark = [edge + [side * width * s, 0] for s in (0.2, 0.45, 0.7, 0.9)]
        return [Shape([trunk], wood), Shape(bark, darker(wood), None, (), 0.012)]
    if pose_kind == "perched":
        slope, thick = (feet[1, 1] - feet[0, 1]) + rng.normal(0, 0.05), rng.uniform(0.025, 0.05)
        x = np.array([-0.1, 0.25, 0.6, 1.1])
        line = spline(
            np.stack([x, foot[1] + thick / 2 + slope * (x - foot[0]) + rng.normal(0, 0.006, 4)], 1), closed=False
        )
        twig = np.array([line[4], line[4] + [rng.uniform(-0.2, 0.2), -rng.uniform(0.1, 0.3)]])
        return [Shape([twig], darker(wood, 0.9), None, (), thick * 0.4), Shape([line], wood, None, (), thick),
                Shape([line - [0, thick * 0.25]], lighter(wood, 0.25), None, (), thick * 0.25)]  # fmt: skip
    return []


def water(kind: str, level: float, low: float, x: tuple[float, float], rng: np.random.Generator) -> list[Shape]:
    """The water that hides the lower part of a swimming bird: from the waterline down, wavy at its top."""
    tone = _TONES[kind][1]
    along = np.linspace(x[0] - 0.05, x[1] + 0.05, 9)
    edge = np.stack([along, level + rng.normal(0, 0.006, 9)], 1)
    body = np.vstack([spline(edge, closed=False), [(x[1] + 0.05, low + 0.04), (x[0] - 0.05, low + 0.04)]])
    foam = Shape([edge], lighter(tone, 0.55), None, (), 0.01)
    return [Shape([body], tone, -1), foam, *_blades(kind, level + 0.02, 14, rng)]


def _leaf(root: np.ndarray, angle: float, length: float) -> np.ndarray:
    along, across = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
    t = np.array([0, 0.3, 0.65, 1, 0.65, 0.3])[:, None] * length
    return spline(root + t * along + np.array([0, 0.2, 0.17, 0, -0.17, -0.2])[:, None] * length * across, steps=4)


def clutter(pose_kind: str, rng: np.random.Generator) -> list[Shape]:
    """Leaves, reeds and twigs before the bird; they hide what is behind them."""
    green: Colour = ((88, 132, 52), (120, 140, 60), (150, 120, 60), (66, 108, 62))[int(rng.integers(4))]
    shapes: list[Shape] = []
    if pose_kind == "flying":
        return shapes
    reeds = pose_kind in ("standing", "swimming")
    for _ in range(int(rng.choice(4, p=(0.4, 0.3, 0.2, 0.1)))):
        shade = darker(green, rng.uniform(0.7, 1.0)) if rng.random() < 0.5 else lighter(green, rng.uniform(0, 0.3))
        x = rng.uniform(0.05, 0.95)
        if reeds:
            line = np.array(
                [(x, 1.05), (x + rng.normal(0, 0.04), 0.75), (x + rng.normal(0, 0.1), rng.uniform(0.25, 0.6))]
            )
            shapes.append(Shape([spline(line, closed=False)], shade, -1, (), rng.uniform(0.012, 0.025)))
            continue
        root = np.array([x, rng.choice((rng.uniform(0, 0.3), rng.uniform(0.6, 1.0)))])
        shapes.append(Shape([_leaf(root, rng.uniform(0, 2 * np.pi), rng.uniform(0.12, 0.24))], shade, -1))
    return shapes


def draw_light(rng: np.random.Generator) -> Light:
    """The light of one image."""
    warm, angle = rng.normal(0, 0.05), rng.uniform(-2.4, -0.7)
    tint = (1 + warm, 1.0, 1 - warm)
    return Light(
        float(rng.uniform(0.78, 1.12)), tint, (float(np.cos(angle)), float(np.sin(angle))), float(rng.uniform(0.1, 0.3))
    )


def lit(image: np.ndarray, solid: np.ndarray, light: Light) -> np.ndarray:
    """An image in its light. The bird is brighter on the side of the light, which makes it round.

    Args:
        image: uint8 `[h, w, 3]`.
        solid: The share of each pixel that is bird, 0..255, uint8 `[h, w]`.
        light: The light.
    """
    side = image.shape[0]
    soft = np.asarray(Image.fromarray(solid).filter(ImageFilter.GaussianBlur(0.05 * side)), np.float32) / 255
    down, right = np.gradient(soft)
    relief = -(right * light.towards[0] + down * light.towards[1]) * 0.4 * side * light.relief
    shade = 1 + np.clip(relief, -0.35, 0.3) * (solid.astype(np.float32) / 255)
    colour = image.astype(np.float32) * (light.gain * np.array(light.tint, np.float32)) * shade[..., None]
    return np.clip(np.rint(colour), 0, 255).astype(np.uint8)
