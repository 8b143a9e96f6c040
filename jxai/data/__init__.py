"""Data: examples in one schema, drawn by code or read from files."""

from jxai.data.batches import batches
from jxai.data.birds import birds, birds_meta
from jxai.data.movies import movies
from jxai.data.photos import fit, pad, read_labels, read_photo
from jxai.data.reviews import reviews
from jxai.data.schema import ImageExample, Meta, TextExample, part_mask
from jxai.data.sst import sst
from jxai.data.texts import TextSource
from jxai.data.tokens import Tokenized, word_piece, word_vocabulary

__all__ = [
    "ImageExample",
    "Meta",
    "TextExample",
    "TextSource",
    "Tokenized",
    "batches",
    "birds",
    "birds_meta",
    "fit",
    "movies",
    "pad",
    "part_mask",
    "read_labels",
    "read_photo",
    "reviews",
    "sst",
    "word_piece",
    "word_vocabulary",
]
