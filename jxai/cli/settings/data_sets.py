"""The data sets that a flag may name: those of the table that have what a command needs."""

from typing import TYPE_CHECKING, Literal

from jxai.data.table import names_of

__all__ = ["CaptionedSet", "ImageSet", "TextSet"]

if TYPE_CHECKING:
    CaptionedSet = ImageSet = TextSet = str
else:
    CaptionedSet = Literal[names_of(captions=True)]
    ImageSet = Literal[names_of(kind="image")]
    TextSet = Literal[names_of(kind="text")]
