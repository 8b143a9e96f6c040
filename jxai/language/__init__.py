"""Explanations in words."""

from jxai.language.annotation import Points, annotate, word_maps
from jxai.language.associations import Associations, Row, associate, associations, cooccurrence, flatten, rows, widths
from jxai.language.captioner import START, UNKNOWN, Captioner, teacher_forced
from jxai.language.decisions import Decision, decision_features, minimum_set
from jxai.language.relevance import class_words, decision_words, relevance, relevance_vector, relevance_vectors
from jxai.language.tagging import (
    Tagger,
    Variants,
    content_words,
    mention_table,
    mentions,
    read_variants,
    textblob_tagger,
    variant_matrix,
)
from jxai.language.vocabulary import STOP, Vocabulary, because, decode, encode, longest, tokenise, vocabulary

__all__ = [
    "START",
    "STOP",
    "UNKNOWN",
    "Associations",
    "Captioner",
    "Decision",
    "Points",
    "Row",
    "Tagger",
    "Variants",
    "Vocabulary",
    "annotate",
    "associate",
    "associations",
    "because",
    "class_words",
    "content_words",
    "cooccurrence",
    "decision_features",
    "decision_words",
    "decode",
    "encode",
    "flatten",
    "longest",
    "mention_table",
    "mentions",
    "minimum_set",
    "read_variants",
    "relevance",
    "relevance_vector",
    "relevance_vectors",
    "rows",
    "teacher_forced",
    "textblob_tagger",
    "tokenise",
    "variant_matrix",
    "vocabulary",
    "widths",
    "word_maps",
]
