"""Files that are complete or absent, and images as text."""

import base64
import io
import os
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

__all__ = ["data_uri", "png", "write_atomically"]


def write_atomically(path: str | os.PathLike, content: bytes) -> None:
    """Writes a file under a temporary name beside it, then renames it.

    Readers see the old file or the new one, never a part.

    Args:
        path: the file; its folder is made if missing.
        content: the whole content.

    Example:
        >>> import pathlib, tempfile
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "new" / "file.txt"
        >>> write_atomically(path, b"whole")
        >>> path.read_text()
        'whole'
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    # In the same folder: renaming is atomic only within one file system
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(temporary, 0o644)  # mkstemp makes files that only their owner reads
        os.replace(temporary, path)
    except BaseException:  # KeyboardInterrupt too: no temporary file stays behind
        os.unlink(temporary)
        raise


def png(image: np.ndarray) -> bytes:
    """Encodes an image as PNG.

    Args:
        image: uint8 [h, w, 3] RGB.

    Returns:
        The file's bytes.

    Example:
        >>> import numpy as np
        >>> png(np.zeros((2, 2, 3), np.uint8))[1:4]
        b'PNG'
    """
    return _encode(Image.fromarray(image), format="PNG")


def data_uri(image: np.ndarray, *, side: int = 320, quality: int = 88) -> str:
    """An image as text for the `src` of an HTML image, which then needs no other file.

    Args:
        image: uint8 [h, w, 3] RGB.
        side: the longer side is reduced to this many pixels if it is larger.
        quality: of the JPEG; where a PNG is smaller, that is used.

    Returns:
        `data:image/...;base64,...`.

    Example:
        >>> import numpy as np
        >>> data_uri(np.zeros((2, 2, 3), np.uint8))[:22]
        'data:image/png;base64,'
    """
    picture = Image.fromarray(image)
    picture.thumbnail((side, side), Image.Resampling.LANCZOS)
    # Photographs are smaller as JPEG, flat maps as PNG; subsampling=0 keeps the colours of maps at full resolution
    kinds = {
        "png": _encode(picture, format="PNG"),
        "jpeg": _encode(picture, format="JPEG", quality=quality, subsampling=0),
    }
    kind = min(kinds, key=lambda name: len(kinds[name]))
    return f"data:image/{kind};base64,{base64.b64encode(kinds[kind]).decode()}"


def _encode(picture: Image.Image, **options) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, **options)
    return buffer.getvalue()
