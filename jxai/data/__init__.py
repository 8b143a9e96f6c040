"""Data: examples in one schema, drawn by code or read from files."""

from jxai.data.ade20k import ade20k
from jxai.data.birds.source import birds, birds_meta
from jxai.data.birds.stated_features import BirdFeatures, bird_features, stated_features
from jxai.data.cub.source import cub
from jxai.data.images import ImageSource
from jxai.data.movies import movies
from jxai.data.mpii.source import mpii
from jxai.data.part_words import BIRD_WORDS, SCENE_WORDS, words_of
from jxai.data.photos import fit, pad, read_labels, read_photo
from jxai.data.reviews.source import reviews
from jxai.data.scenes.source import object_frequencies, scenes, scenes_meta
from jxai.data.schema import ImageExample, Instance, Meta, SceneExample, SceneMeta, TextExample, TextMeta, part_mask
from jxai.data.spec import DataSpec, Splits, load
from jxai.data.square import cut
from jxai.data.sst import sst
from jxai.data.table import DATA, DataSet
from jxai.data.texts import TextSource
from jxai.data.tokens import Tokenized, word_piece, word_vocabulary

__all__ = [
    "BIRD_WORDS",
    "BirdFeatures",
    "DATA",
    "DataSet",
    "DataSpec",
    "ImageExample",
    "ImageSource",
    "Instance",
    "Meta",
    "SCENE_WORDS",
    "SceneExample",
    "SceneMeta",
    "Splits",
    "TextExample",
    "TextMeta",
    "TextSource",
    "Tokenized",
    "ade20k",
    "bird_features",
    "birds",
    "birds_meta",
    "cub",
    "cut",
    "fit",
    "load",
    "movies",
    "mpii",
    "object_frequencies",
    "pad",
    "part_mask",
    "read_labels",
    "read_photo",
    "reviews",
    "scenes",
    "scenes_meta",
    "sst",
    "stated_features",
    "word_piece",
    "word_vocabulary",
    "words_of",
]
