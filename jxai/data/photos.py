"""Photographs of one's own: reading them, bringing them to a model's size, and reading files of label names."""

import os
import warnings
from pathlib import Path

import numpy as np
from jaxtyping import Float32, UInt8
from PIL import Image, ImageOps, UnidentifiedImageError

__all__ = ["fit", "pad", "read_labels", "read_photo"]

_RESAMPLE = {"bicubic": Image.Resampling.BICUBIC, "bilinear": Image.Resampling.BILINEAR}


def _upright(file: Path) -> Image.Image:
    """The picture in a file, turned as its EXIF data say."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # damaged EXIF data, palettes with transparency: read as well as may be
        with Image.open(file) as opened:
            opened.load()
            return ImageOps.exif_transpose(opened)


def _deep(picture: Image.Image) -> Image.Image:
    """A picture with 16 or 32 bits a channel brought to 8; Pillow itself would cut off what is above 255."""
    values = np.asarray(picture, np.float64)
    top = 65535.0 if picture.mode.startswith("I") and values.max(initial=0) > 255 else 255.0
    return Image.fromarray(np.clip(np.rint(values * 255 / top), 0, 255).astype(np.uint8))


def _rgb(picture: Image.Image) -> Image.Image:
    if picture.mode.startswith("I") or picture.mode == "F":
        picture = _deep(picture)
    if "A" in picture.getbands() or "transparency" in picture.info:
        layered = picture.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", layered.size, "white"), layered).convert("RGB")
    return picture.convert("RGB")


def read_photo(path: str | os.PathLike) -> UInt8[np.ndarray, "h w 3"]:
    """Reads a photograph of any format that Pillow knows.

    It is turned as its EXIF orientation says, laid on white where it is transparent, and greyscale becomes RGB.

    Args:
        path: The file.

    Returns:
        The picture, RGB, 0..255, `[h, w, 3]`.

    Raises:
        ValueError: There is no such file, or it is empty, damaged, truncated or no picture.

    Example:
        >>> import tempfile
        >>> with tempfile.NamedTemporaryFile(suffix=".png") as file:
        ...     Image.new("L", (3, 2), 200).save(file.name)
        ...     read_photo(file.name)[0, 0].tolist()
        [200, 200, 200]
    """
    file = Path(path)
    if not file.is_file():
        what = "a folder" if file.is_dir() else "no such file"
        raise ValueError(f"expected a picture at {file}, but there is {what}: check the path")
    if file.stat().st_size == 0:
        raise ValueError(f"expected a picture in {file}, got an empty file")
    try:
        return np.array(_rgb(_upright(file)))
    except UnidentifiedImageError:
        raise ValueError(
            f"expected a picture in {file}, got a file that is none: use JPEG, PNG or another format that Pillow reads"
        ) from None
    except Image.DecompressionBombError as error:
        raise ValueError(f"expected a picture of a size that fits into memory in {file}: {error}") from None
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise ValueError(
            f"expected a whole picture in {file}, got one that cannot be read ({error}): it is truncated or damaged"
        ) from None


def _picture(image: np.ndarray) -> Image.Image:
    if image.ndim != 3 or image.shape[-1] != 3 or image.dtype != np.uint8 or 0 in image.shape:
        raise ValueError(
            f"expected an RGB image, uint8 [h, w, 3], got {image.dtype} {list(image.shape)}: read it with read_photo"
        )
    return Image.fromarray(image)


def _filter(resample: str) -> Image.Resampling:
    if resample not in _RESAMPLE:
        raise ValueError(f"expected a resample of {list(_RESAMPLE)}, got {resample!r}")
    return _RESAMPLE[resample]


def fit(
    image: np.ndarray, size: int, *, crop: float = 0.875, resample: str = "bicubic"
) -> Float32[np.ndarray, "size size 3"]:
    """Brings a picture to a model's size: the square in the middle, resized in one step from fractional edges.

    Resized with anti-aliasing on 8 bits. torchvision and timm resize, round and then cut, which shifts the square by up
    to half a pixel; the logits of some models differ by up to 1 between the two.

    Args:
        image: RGB, uint8, `[h, w, 3]`.
        size: Side of the square, in pixels.
        crop: Share of the short side that is kept, above 0, at most 1.
        resample: `bicubic` or `bilinear`.

    Returns:
        RGB in 0..1, float32, `[size, size, 3]`.

    Raises:
        ValueError: The image is not uint8 RGB, or an option is out of range.

    Example:
        >>> fit(np.full((40, 60, 3), 255, np.uint8), 32).shape
        (32, 32, 3)
    """
    picture, method = _picture(image), _filter(resample)
    if size < 1 or not 0 < crop <= 1:
        raise ValueError(f"expected a size of 1 or more and a crop above 0 and at most 1, got size={size}, crop={crop}")
    left, top = ((side - crop * min(picture.size)) / 2 for side in picture.size)
    box = (left, top, picture.width - left, picture.height - top)
    return np.asarray(picture.resize((size, size), method, box), np.float32) / 255


def pad(
    image: np.ndarray, size: int, *, colour: tuple[int, int, int] = (128, 128, 128), resample: str = "bicubic"
) -> Float32[np.ndarray, "size size 3"]:
    """Brings a whole picture to a model's size: its long side to `size` pixels, with plain borders beside it.

    Args:
        image: RGB, uint8, `[h, w, 3]`.
        size: Side of the square, in pixels.
        colour: RGB of the borders, 0..255.
        resample: `bicubic` or `bilinear`.

    Returns:
        RGB in 0..1, float32, `[size, size, 3]`.

    Raises:
        ValueError: The image is not uint8 RGB, or an option is out of range.

    Example:
        >>> pad(np.zeros((2, 4, 3), np.uint8), 4, colour=(255, 255, 255))[:, 0, 0].tolist()
        [1.0, 0.0, 0.0, 1.0]
    """
    if size < 1:
        raise ValueError(f"expected a size of 1 or more, got {size}")
    picture, method = _picture(image), _filter(resample)
    padded = ImageOps.pad(picture, (size, size), method, color=colour)
    return np.asarray(padded, np.float32) / 255


def read_labels(path: str | os.PathLike) -> list[str]:
    r"""Reads the names of classes from a text file, one a line, in the order of the classes.

    White space around names is removed, and empty lines at the end of the file are not counted.

    Args:
        path: The file, in UTF-8.

    Returns:
        The names.

    Raises:
        ValueError: There is no such file, it is no text, holds no names, or has an empty line between names.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     file = Path(folder) / "labels.txt"
        ...     _ = file.write_text("cat \ndog\n")
        ...     read_labels(file)
        ['cat', 'dog']
    """
    file = Path(path)
    if not file.is_file():
        raise ValueError(f"expected a file of label names at {file}, but there is none: check the path")
    try:
        names = [line.strip() for line in file.read_text(encoding="utf-8-sig").rstrip().split("\n")]
    except UnicodeDecodeError:
        raise ValueError(f"expected label names as UTF-8 text in {file}, got a file that is none") from None
    if "" in names:
        raise ValueError(f"expected one label name a line in {file}, got an empty line {names.index('') + 1}")
    return names
