"""The vision transformer of any size."""

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from flax import nnx
from jaxtyping import Array, Float

from jxai.core.taps import tap
from jxai.models.layers import LayerNorm, dense, gelu, truncated_normal
from jxai.models.model import Model, imagenet_standard, pure, signed_unit

__all__ = [
    "deit_base",
    "deit_small",
    "deit_tiny",
    "resize_positions",
    "vit",
    "vit_base",
    "vit_large",
    "vit_small",
    "vit_tiny",
]


class Attention(nnx.Module):
    """Self-attention of several heads; one fused layer makes queries, keys and values."""

    def __init__(self, width: int, heads: int, name: str, rngs: nnx.Rngs):
        self.qkv = dense(width, 3 * width, rngs=rngs)
        self.project = dense(width, width, rngs=rngs)
        self.heads, self.name = heads, name

    def __call__(self, x):
        """Maps tokens `[t, d]` to `[t, d]`."""
        tokens, width = x.shape
        # Axis order of timm's fused weights: (query, key, value), then heads
        split = self.qkv(x).reshape(tokens, 3, self.heads, width // self.heads)
        query, key, value = split.transpose(1, 2, 0, 3)  # each [heads, t, d / heads]
        scale = (width // self.heads) ** -0.5
        scores = jnp.einsum("hqd,hkd->hqk", query * scale, key)
        attention = tap(jax.nn.softmax(scores, -1), f"{self.name}/attention")
        outputs = (attention @ value).swapaxes(0, 1)  # [t, heads, d / heads]; an einsum to it is slower on a CPU
        return self.project(outputs.reshape(tokens, width))


class Block(nnx.Module):
    """Attention and a two-layer network; each follows a layer norm and is added to its input."""

    def __init__(self, width: int, heads: int, grid: tuple[int, int], epsilon: float, name: str, rngs: nnx.Rngs):
        self.norm1, self.norm2 = (LayerNorm(width, epsilon=epsilon) for _ in range(2))
        self.attention = Attention(width, heads, name, rngs=rngs)
        self.expand = dense(width, 4 * width, rngs=rngs)
        self.contract = dense(4 * width, width, rngs=rngs)
        self.grid, self.name = grid, name

    def __call__(self, x):
        """Maps tokens `[t, d]`, class token first, to `[t, d]`."""
        x = x + self.attention(self._tap_grid(self.norm1(x)))
        hidden = gelu(self.expand(self.norm2(x)))
        return tap(x + self.contract(hidden), self.name)

    def _tap_grid(self, tokens):
        """Taps the patches as a map `[h, w, d]`. Here they still reach the class token, even in the last block."""
        patches = tap(tokens[1:].reshape(*self.grid, -1), f"{self.name}/grid")
        return jnp.concatenate([tokens[:1], patches.reshape(-1, tokens.shape[-1])])


class ViT(nnx.Module):
    """Patches, a class token, positions, blocks, a layer norm; a dense layer reads the class token."""

    def __init__(self, depth, width, heads, patch, size, channels, classes, epsilon, rngs: nnx.Rngs):
        side = size // patch
        self.patches = dense(patch * patch * channels, width, rngs=rngs)
        self.token = nnx.Param(truncated_normal(rngs.params(), (1, width), jnp.float32))
        self.positions = nnx.Param(truncated_normal(rngs.params(), (side * side + 1, width), jnp.float32))
        for i in range(depth):
            setattr(self, f"block{i}", Block(width, heads, (side, side), epsilon, f"block{i}", rngs=rngs))
        self.norm = LayerNorm(width, epsilon=epsilon)
        self.classify = dense(width, classes, rngs=rngs)
        self.depth, self.patch, self.side = depth, patch, side

    def __call__(self, x):
        """Maps an image `[h, w, c]` to logits `[k]`."""
        tokens = jnp.concatenate([self.token[...], self.patches(self._cut(x))])
        x = tap(tokens + self.positions[...], "embedding")
        for i in range(self.depth):
            x = getattr(self, f"block{i}")(x)
        # The norm is per token, so normalising the class token alone is enough
        return tap(self.classify(self.norm(x[:1])[0]), "logits")

    def _cut(self, x):
        """The patches of the image, row by row, `[side * side, patch * patch * c]`."""
        # A dot product with these is a convolution with kernel = stride = patch, and faster on a CPU
        cut = x.reshape(self.side, self.patch, self.side, self.patch, -1)
        return cut.transpose(0, 2, 1, 3, 4).reshape(self.side * self.side, -1)


def vit(
    *,
    depth: int = 12,
    width: int = 192,
    heads: int = 3,
    patch: int = 16,
    size: int = 224,
    classes: int = 1000,
    channels: int = 3,
    epsilon: float = 1e-6,
    preprocess: Callable[[Float[Array, "h w c"]], Float[Array, "h w c"]] = signed_unit,
) -> Model:
    """A vision transformer that classifies by a class token.

    Pre-norm blocks, exact (erf) GELU, hidden layers of 4 widths. The blocks are unrolled, so all
    intermediates can be tapped.

    Args:
        depth: number of blocks.
        width: channels of a token.
        heads: attention heads; they divide the width.
        patch: side of a patch in pixels; it divides the size.
        size: side of the input in pixels.
        classes: number of logits.
        channels: channels of the input.
        epsilon: of the layer norms (1e-12 in Hugging Face's).
        preprocess: from RGB in 0..1 to the input; `imagenet_standard` for torchvision's and DeiT's weights.

    Returns:
        The model; taps `embedding`, and for each block `block{i}/grid` (the normalised patch tokens that enter
        the attention, as a map `[h, w, width]`), `block{i}/attention` (`[heads, t, t]`, rows sum to 1), `block{i}`
        (its output tokens `[t, width]`, class token first), then `logits`. CAM methods use the grid of the last
        block: its output tokens would have zero gradients, as the head reads the class token only.

    Raises:
        ValueError: if the patch does not divide the size, or the heads the width.

    Reference: Dosovitskiy et al., 2021, "An Image is Worth 16x16 Words".

    Example:
        >>> vit(depth=2, width=8, heads=2, patch=4, size=8, classes=3).features
        'block1/grid'
    """
    for name, number, divisor in (("size", size, patch), ("width", width, heads)):
        if number % divisor:
            other = "patch" if name == "size" else "heads"
            raise ValueError(f"{name} must be a multiple of {other}, but {number} is none of {divisor}")
    build = functools.partial(ViT, depth, width, heads, patch, size, channels, classes, epsilon)
    init, apply = pure(build, size, channels)
    blocks = [f"block{i}{part}" for i in range(depth) for part in ("/grid", "/attention", "")]
    features = f"block{depth - 1}/grid"
    crop = 1.0 if size >= 384 else 0.9  # the crops of timm and torchvision at 384 and 224
    taps = ("embedding", *blocks, "logits")
    return Model(init, apply, taps, size, channels, classes, features, preprocess, crop, "bicubic")


def resize_positions(positions: Float[Array, "t d"], side: int) -> Float[Array, "s d"]:
    """Position embeddings for another grid of patches, by bicubic interpolation; the class token's is unchanged.

    Antialiased where the grid shrinks, as in timm. A model is less accurate at a size that it was not trained at.
    Without fine-tuning it is not what papers call ViT at 384.

    Args:
        positions: of the class token, then of a square grid, row by row.
        side: patches along a side of the new grid.

    Returns:
        `[side * side + 1, d]`; the positions unchanged where the grid has that side.

    Raises:
        ValueError: if the positions are not one more than a square.

    Example:
        >>> resize_positions(jnp.ones((5, 8)), 3).shape
        (10, 8)
    """
    old = round((len(positions) - 1) ** 0.5)
    if old * old + 1 != len(positions):
        raise ValueError(f"expected positions of a class token and a square grid; {len(positions)} came")
    if old == side:
        return positions
    grid = jnp.asarray(positions[1:]).reshape(old, old, -1)
    # Keys' cubic with a = -0.5, antialiased: timm's resample_abs_pos_embed to 1e-5
    patches = jax.image.resize(grid, (side, side, grid.shape[-1]), "bicubic")
    return jnp.concatenate([jnp.asarray(positions[:1]), patches.reshape(side * side, -1)])


def vit_tiny(*, width: int = 192, heads: int = 3, **options: Any) -> Model:
    """ViT-Ti: `vit(width=192, heads=3)`; the options are those of `vit`."""
    return vit(width=width, heads=heads, **options)


def vit_small(*, width: int = 384, heads: int = 6, **options: Any) -> Model:
    """ViT-S: `vit(width=384, heads=6)`; the options are those of `vit`."""
    return vit(width=width, heads=heads, **options)


def vit_base(*, width: int = 768, heads: int = 12, **options: Any) -> Model:
    """ViT-B: `vit(width=768, heads=12)`; the options are those of `vit`."""
    return vit(width=width, heads=heads, **options)


def vit_large(*, depth: int = 24, width: int = 1024, heads: int = 16, **options: Any) -> Model:
    """ViT-L: `vit(depth=24, width=1024, heads=16)`; the options are those of `vit`."""
    return vit(depth=depth, width=width, heads=heads, **options)


def deit_tiny(
    *, preprocess: Callable[[Float[Array, "h w c"]], Float[Array, "h w c"]] = imagenet_standard, **options: Any
) -> Model:
    """DeiT-Ti, not distilled: `vit_tiny` with `imagenet_standard` colours; the options are those of `vit`."""
    return vit_tiny(preprocess=preprocess, **options)


def deit_small(
    *, preprocess: Callable[[Float[Array, "h w c"]], Float[Array, "h w c"]] = imagenet_standard, **options: Any
) -> Model:
    """DeiT-S, not distilled: `vit_small` with `imagenet_standard` colours; the options are those of `vit`."""
    return vit_small(preprocess=preprocess, **options)


def deit_base(
    *, preprocess: Callable[[Float[Array, "h w c"]], Float[Array, "h w c"]] = imagenet_standard, **options: Any
) -> Model:
    """DeiT-B, not distilled: `vit_base` with `imagenet_standard` colours; the options are those of `vit`."""
    return vit_base(preprocess=preprocess, **options)
