"""Pictures with captions, as an explainer in words is trained on."""

from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple

import numpy as np

__all__ = ["Captioned", "captioned", "held_out"]


class Captioned(NamedTuple):
    """The pictures of a split that have captions; the first axis of all arrays is theirs.

    Attributes:
        images: uint8 `[n, h, w, 3]`.
        labels: int32 `[n]`, outputs of the classifier.
        ids: int64 `[n]`, the data set's own numbers.
        places: int64 `[n]`: picture i is `source[places[i]]`.
        captions: n lists of sentences.
        left_out: how many pictures were left out for want of captions.
    """

    images: np.ndarray
    labels: np.ndarray
    ids: np.ndarray
    places: np.ndarray
    captions: list[list[str]]
    left_out: int

    def of(self, rows: Any) -> "Captioned":
        """Some of the pictures: numbers, or a mask `[n]`."""
        numbers = np.arange(len(self.labels))[rows]
        images, labels, ids, places = (a[numbers] for a in (self.images, self.labels, self.ids, self.places))
        return Captioned(images, labels, ids, places, [self.captions[k] for k in numbers], self.left_out)


def captioned(
    source: Any,
    *,
    offset: int = 0,
    name: str = "data",
    progress: Callable[[int, int], None] | None = None,
) -> Captioned:
    """The pictures of a split that have at least one caption with a word in it.

    Args:
        source: examples in random access (`len(source)`, `source[i]`): dicts with `image`, all of one size, `label`,
            `id` and `captions`.
        offset: outputs of the classifier before the first class.
        name: of the split, for errors.
        progress: called as `progress(examples read, examples in all)`.

    Raises:
        ValueError: no picture has captions, or the pictures are of several sizes.
    """
    kept = []
    for place in range(len(source)):
        example = source[place]
        sentences = [text for text in example.get("captions", ()) if any(letter.isalnum() for letter in text)]
        if sentences:
            kept.append((example["image"], example["label"] + offset, example["id"], place, sentences))
        if progress is not None:
            progress(place + 1, len(source))
    if not kept:
        raise ValueError(
            f"{name}: none of the {len(source)} pictures has a caption; an explainer in words learns from captions "
            "(birds, scenes, and CUB with text_c10 or captions.json have them)."
        )
    images, labels, ids, places, captions = zip(*kept, strict=True)
    if len({image.shape for image in images}) > 1:
        raise ValueError(f"{name}: expected pictures of one size, got several; read them at one size (size=).")
    return Captioned(
        np.stack(images), np.array(labels, np.int32), np.array(ids, np.int64), np.array(places, np.int64),
        list(captions), len(source) - len(kept),
    )  # fmt: skip


def held_out(
    splits: Mapping[str, Captioned], classes: Collection[int]
) -> tuple[dict[str, Captioned], dict[str, Captioned]]:
    """The splits without some classes, and these alone.

    Args:
        splits: by name.
        classes: outputs of the classifier that the explainer shall not see.

    Raises:
        ValueError: nothing would be left of a split on either side.
    """
    rest, held = {}, {}
    for name, data in splits.items():
        out = np.isin(data.labels, list(classes))
        if out.all() or not out.any():
            raise ValueError(f"{name}: {int(out.sum())} of {len(out)} pictures are of the held-out classes {classes}.")
        rest[name], held[name] = data.of(~out), data.of(out)
    return rest, held
