"""Explanations in words: captioning models, the relevance of words, vocabularies."""

from jxai.language.annotation import Points, annotate, word_maps
from jxai.language.associations import Associations, Row, associate, associations, cooccurrence, flatten, rows, widths
from jxai.language.captioner import START, UNKNOWN, Captioner, teacher_forced, words_before
from jxai.language.decisions import Decision, decision_features, minimum_set
from jxai.language.decode import beam, greedy, mask_special_tokens, sample
from jxai.language.flex import flex
from jxai.language.gve import class_vectors, gve, gve_loss
from jxai.language.losses import flex_loss, flex_objective, log_likelihood, token_mask, word_log_probabilities
from jxai.language.mme import mme, pointing
from jxai.language.reinforce import expected_reward, sampling_log_likelihood
from jxai.language.relevance import class_words, decision_words, relevance, relevance_vector, relevance_vectors
from jxai.language.sentence_classifier import SentenceClassifier, class_reward, classification_loss, sentence_classifier
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
    "SentenceClassifier",
    "Tagger",
    "Variants",
    "Vocabulary",
    "annotate",
    "associate",
    "associations",
    "beam",
    "because",
    "class_reward",
    "class_vectors",
    "class_words",
    "classification_loss",
    "content_words",
    "cooccurrence",
    "decision_features",
    "decision_words",
    "decode",
    "encode",
    "expected_reward",
    "flatten",
    "flex",
    "flex_loss",
    "flex_objective",
    "greedy",
    "gve",
    "gve_loss",
    "log_likelihood",
    "longest",
    "mask_special_tokens",
    "mention_table",
    "mentions",
    "minimum_set",
    "mme",
    "pointing",
    "read_variants",
    "relevance",
    "relevance_vector",
    "relevance_vectors",
    "rows",
    "sample",
    "sampling_log_likelihood",
    "sentence_classifier",
    "teacher_forced",
    "textblob_tagger",
    "token_mask",
    "tokenise",
    "variant_matrix",
    "vocabulary",
    "widths",
    "word_log_probabilities",
    "word_maps",
    "words_before",
]
