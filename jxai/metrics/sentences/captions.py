"""How similar generated sentences are to people's: BLEU-4, METEOR (exact+stem), CIDEr-D and ROUGE-L of a test set.

All four compare one generated sentence per image with the sentences that people wrote about it. They call the usual
libraries and run on the host.
"""

import functools
import re
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any, NamedTuple, cast

import numpy as np

from jxai.extras import needs

__all__ = [
    "CaptionScores", "bleu4", "caption_scores", "caption_tokens", "cider_d", "meteor_exact_stem", "rouge_l",
]  # fmt: skip

Tokenise = Callable[[str], list[str]]
_WORD = re.compile(r"'(?:s|m|d|re|ve|ll)\b|[^\W_]+(?:[-'][^\W_]+|[.,]\d+)*")
_CLITIC = re.compile(r"(n't|'(?:s|m|d|re|ve|ll))$")


class CaptionScores(NamedTuple):
    """The four scores of a test set, times 100.

    Attributes:
        bleu4: corpus BLEU-4, 0..100.
        meteor_exact_stem: mean METEOR without synonyms, 0..100.
        cider_d: mean CIDEr-D, 0..1000.
        rouge_l: mean ROUGE-L, 0..100.
    """

    bleu4: float
    meteor_exact_stem: float
    cider_d: float
    rouge_l: float


def caption_tokens(sentence: str) -> list[str]:
    """The words of a sentence as captions are scored: in lower case, without punctuation, clitics apart.

    What the COCO caption evaluation does with the Penn Treebank's tokeniser, which needs Java: hyphens, apostrophes
    and decimal points within a word stay (`red-crowned`, `'s` of its own, `2.5`). It differs in that a stroke
    divides words (`black/white`) and signs that are no words (`%`) are dropped.

    Example:
        >>> caption_tokens("It's a medium-sized bird, black/white.")
        ['it', "'s", 'a', 'medium-sized', 'bird', 'black', 'white']
    """
    words = _WORD.findall(sentence.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'"))
    return [piece for word in words for piece in _CLITIC.split(word) if piece]


def bleu4(
    generated: Sequence[str], references: Sequence[Sequence[str]], *, tokenise: Tokenise = caption_tokens
) -> float:
    """Corpus BLEU-4, times 100: `100 min(1, e^(1 - r/c)) (p_1 p_2 p_3 p_4)^(1/4)`.

    As captions are scored, by pycocoevalcap's `Bleu(4)`: the n-gram counts are summed over the test set, and r is the
    length of the closest reference (of two as close, the shorter). There is no smoothing, but 1e-9 is added to a count,
    so that a test set without a right 4-gram scores above 0 in the 7th place. Equal to sacrebleu's `corpus_bleu` on the
    same tokens. Tokens are in lower case without punctuation, so that the full stop is no word.

    Args:
        generated: one sentence an image.
        references: for each image the sentences that people wrote, one or more; their number may differ.
        tokenise: of a sentence to its words.

    Returns:
        0..100. The mean over images is not defined: their counts are summed first.

    Raises:
        ValueError: no image, other numbers of generated sentences and images, an image without a reference, or a
            sentence without a word.

    Reference:
        Papineni et al. 2002, "BLEU: a method for automatic evaluation of machine translation", section 2.3; Chen et
        al. 2015, "Microsoft COCO captions: data collection and evaluation server".

    Example:
        >>> round(bleu4(["a small red bird on a branch"], [["a small red bird sits on a branch", "a bird"]]), 2)
        51.54
    """
    return _bleu4(*_tokenise_all(generated, references, tokenise))


def meteor_exact_stem(
    generated: Sequence[str], references: Sequence[Sequence[str]], *, tokenise: Tokenise = caption_tokens
) -> float:
    """METEOR of exact words and stems, times 100: the mean over images of the best reference's score.

    `F (1 - 0.5 (chunks / m)^3)`, `F = P R / (0.9 P + 0.1 R)`, m the aligned words: equal ones, then equal Porter
    stems. By nltk with a dictionary that has no synonyms: its alignment is greedy, and the paper's third stage,
    WordNet, needs a download. Not comparable with the jar's METEOR 1.5 (other weights, paraphrases); name the variant.

    Arguments and errors as for `bleu4`.

    Returns:
        0..100.

    Reference:
        Banerjee and Lavie 2005, "METEOR: an automatic metric for MT evaluation with improved correlation with human
        judgments", with the weights of Lavie and Agarwal 2007.

    Example:
        >>> round(meteor_exact_stem(["this bird has black wings"], [["the bird has a black wing"]]), 2)
        63.56
    """
    return _meteor(*_tokenise_all(generated, references, tokenise))


def cider_d(
    generated: Sequence[str], references: Sequence[Sequence[str]], *, tokenise: Tokenise = caption_tokens
) -> float:
    """CIDEr-D, times 100: how far a sentence has the n-grams that people use of this image and of few others.

    Ten times the mean over n = 1..4 and references of the clipped cosine of tf-idf vectors, times a Gaussian of the
    difference of lengths (sigma 6); by pycocoevalcap's `Cider`, which is CIDEr-D without stems. The document
    frequencies are those of the references given: values of different test sets do not compare.

    Arguments and errors as for `bleu4`; at least two images, as with one every n-gram has the weight log 1 = 0.

    Returns:
        0..1000.

    Reference:
        Vedantam, Zitnick and Parikh 2015, "CIDEr: consensus-based image description evaluation", equations 1-4, 7-8.

    Example:
        >>> generated = ["a red bird with a black beak", "a blue bird on a branch"]
        >>> round(cider_d(generated, [[generated[0]], [generated[1]]]), 2)
        1000.0
    """
    return _cider(*_tokenise_all(generated, references, tokenise))


def rouge_l(
    generated: Sequence[str], references: Sequence[Sequence[str]], *, tokenise: Tokenise = caption_tokens
) -> float:
    """ROUGE-L, times 100: the mean over images of the F measure (beta 1.2) of the longest common subsequence.

    `F = 2.44 P R / (R + 1.44 P)`, P and R each the largest over the references, as pycocoevalcap's `Rouge`.

    Arguments and errors as for `bleu4`.

    Returns:
        0..100.

    Reference:
        Lin 2004, "ROUGE: a package for automatic evaluation of summaries", section 3.

    Example:
        >>> round(rouge_l(["a small red bird"], [["a red bird"]]), 2)
        87.98
    """
    return _rouge(*_tokenise_all(generated, references, tokenise))


def caption_scores(
    generated: Sequence[str], references: Sequence[Sequence[str]], *, tokenise: Tokenise = caption_tokens
) -> CaptionScores:
    """All four scores, each sentence cut into words once.

    Arguments and errors as for `bleu4`; at least two images, as for `cider_d`.

    Example:
        >>> generated = ["a red bird with a black beak", "a blue bird on a branch"]
        >>> [round(score) for score in caption_scores(generated, [[sentence] for sentence in generated])]
        [100, 100, 1000, 100]
    """
    candidates, reference_words = _tokenise_all(generated, references, tokenise)
    return CaptionScores(*(score(candidates, reference_words) for score in (_bleu4, _meteor, _cider, _rouge)))


Sentences = list[list[str]]


def _tokenise_all(
    generated: Sequence[str], references: Sequence[Sequence[str]], tokenise: Tokenise
) -> tuple[Sentences, list[Sentences]]:
    if isinstance(generated, str) or any(isinstance(of_image, str) for of_image in references):
        raise ValueError("expected a list of sentences and, for each, a list of references; a string came for a list.")
    if len(generated) != len(references) or not generated:
        raise ValueError(
            f"expected one generated sentence for each image and its references; {len(generated)} sentences and the "
            f"references of {len(references)} images came."
        )
    if without := [place for place, of_image in enumerate(references) if not len(of_image)]:
        raise ValueError(
            f"expected a reference for every image; {len(without)} have none, image {without[0]} first: leave images "
            f"without captions out of both lists."
        )
    candidates = [tokenise(sentence) for sentence in generated]
    reference_words = [[tokenise(sentence) for sentence in of_image] for of_image in references]
    for place, (own, of_image) in enumerate(zip(candidates, reference_words, strict=True)):
        texts = [("generated", generated[place], own)]
        texts += [("reference", text, words) for text, words in zip(references[place], of_image, strict=True)]
        for what, text, words in texts:
            if not words:
                raise ValueError(f"expected words in every sentence; a {what} one of image {place} has none: {text!r}.")
    return candidates, reference_words


def _coco(candidates: Sentences, reference_words: list[Sentences]) -> tuple[dict[int, list[str]], dict[int, list[str]]]:
    """References and sentences as pycocoevalcap takes them."""
    references = {place: [" ".join(words) for words in of_image] for place, of_image in enumerate(reference_words)}
    return references, {place: [" ".join(words)] for place, words in enumerate(candidates)}


def _bleu4(candidates: Sentences, reference_words: list[Sentences]) -> float:
    with needs("words"):
        from pycocoevalcap.bleu.bleu import Bleu
    return 100 * float(cast(Any, Bleu(4)).compute_score(*_coco(candidates, reference_words), verbose=0)[0][3])


def _cider(candidates: Sentences, reference_words: list[Sentences]) -> float:
    with needs("words"):
        from pycocoevalcap.cider.cider import Cider
    if len(candidates) < 2:
        raise ValueError("CIDEr-D needs at least two images, of which it counts n-grams; 1 came: score a test set.")
    return 100 * float(Cider().compute_score(*_coco(candidates, reference_words))[0])


def _rouge(candidates: Sentences, reference_words: list[Sentences]) -> float:
    with needs("words"):
        from pycocoevalcap.rouge.rouge import Rouge
    return 100 * float(Rouge().compute_score(*_coco(candidates, reference_words))[0])


def _meteor(candidates: Sentences, reference_words: list[Sentences]) -> float:
    with needs("words"):
        from nltk.stem.porter import PorterStemmer
        from nltk.translate.meteor_score import meteor_score
    # no synonyms: WordNet would have to be downloaded
    options = cast(Any, {"wordnet": SimpleNamespace(synsets=lambda word: [])})
    options["stemmer"] = SimpleNamespace(stem=functools.cache(PorterStemmer().stem))  # most words come again and again
    pairs = zip(reference_words, candidates, strict=True)
    return 100 * float(np.mean([meteor_score(references, candidate, **options) for references, candidate in pairs]))
