"""What the page of `experiments.flex` says beside our numbers: the paper's numbers, headings, and what differs."""

__all__ = ["DIFFERS", "HEADINGS", "PAPER"]

METHODS = ("FLEX", "without relevance vector", "baseline", "GVE", "MME")
LAMBDAS = ("1", "0.1", "0.01", "0.001", "0.0001", "0")
PAPER: dict[tuple[str, str, str], dict[str, float]] = {  # (protocol, table, quality) -> by row
    ("CUB", "lambda", "drel"): dict(zip(LAMBDAS, (17.39, 17.85, 17.35, 17.11, 17.02, 16.48), strict=True)),
    ("MPII", "lambda", "drel"): dict(zip(LAMBDAS, (15.01, 15.46, 15.19, 16.11, 15.36, 14.13), strict=True)),
    ("CUB", "methods", "drel"): dict(zip(METHODS, (17.85, 16.48, 13.67, 15.67, 15.02), strict=True)),
    ("MPII", "methods", "drel"): dict(zip(METHODS, (16.11, 14.13, 13.48, 13.46, 13.92), strict=True)),
    ("CUB", "methods", "BLEU-4"): {"FLEX": 30.16, "GVE": 28.43, "MME": 27.94},
    ("MPII", "methods", "BLEU-4"): {"FLEX": 19.11, "GVE": 13.71, "MME": 19.88},
    ("CUB", "held out", "drel"): {"FLEX": 36.72, "GVE": 32.35, "MME": 13.79},
    ("CUB", "held out", "BLEU-4"): {"FLEX": 32.70, "GVE": 27.96, "MME": 26.80},
    ("CUB", "insight", "correct insight"): {"FLEX": 70.51},
    ("CUB", "annotation", "at least one right"): {"near the point": 88.0},
    ("CUB", "annotation", "all right"): {"near the point": 35.0},
}
HEADINGS = {
    "lambda": "Table 1: DREL over lambda",
    "methods": "Tables 2 to 4: methods",
    "evidence": "Do the words that FLEX is rewarded for (D_r) name what the decision rests on?",
    "held out": "Table 5: two classes that the explainers have not seen",
    "insight": "Misclassified pictures: are all features that the sentence names common to both classes?",
    "annotation": "Parts annotated by the words of features",
    "masking": "Masking: fall of the class's probability without the decision's features that the sentence names",
    "masking, all channels": "Masking of all channels that the sentence names",
    "other class": "Another class explained: what becomes of the sentence",
}
DIFFERS = """* Pictures and classifiers are small (64 px, trained from scratch; CUB: crops of 128 px at 224, and
  a MobileNetV2 that knows other photographs of birds, with a new last layer). The paper has a compact bilinear network
  at 512 px, and GVE as its authors trained it; here all explainers learn from one classifier's features.
* DREL was not released. Here: Grad-CAM at the last convolution, of the predicted class; points: the visible part
  nearest to its maximum; boxes: those that overlap the map above half its maximum, of the objects that the activity
  involves; words with one meaning count as one (beak, bill); pictures whose reference sentences do not name an object
  of the decision are left out. "drel by chance": that of the same
  sentences given to other pictures at random; it grows with "things named", how many parts (objects) a sentence names.
  "drel sampled": mean over eight sentences drawn from the model, where "drel" is that of one, which a beam finds
  (log-likelihoods divided by the length to the power of 0.7; CUB's crops: not divided): whether that is short or long
  differs from seed to seed, and more parts named are more hits.
  "drel of facts": whether the sentence names the part, and states something true of it,
  whatever the references mention (birds alone).
* "true": share of the features that a sentence states that hold in the picture and can be seen (birds alone).
* METEOR has the exact and the stem stage, no synonyms. CIDEr is CIDEr-D.
* "FLEX, words of things": channels get words of parts (objects) alone. Of all nouns and adjectives those that go best
  with a channel of a network for birds are adjectives of classes, and hardly ever a part: its channels are important
  for classes, ten sentences name most parts of any bird, and adjectives tell the classes apart.
* Sentences about birds name parts as often as people do on CUB, first what strikes the eye
  (`jxai.data.birds.salience`).
* Annotation: for each word of a part the place where the strongest map of its channels is strongest; right within a
  tenth of the box's longer side of a visible part of that name, or (birds) on it. "all right": all visible parts.
* Insight: all nouns and adjectives of the sentence occur in the references of more than a tenth of each class's
  pictures; or all features that it states are typical (50 %) of both classes.
* Masking: features are channels of all layers; one is named where the sentence has its word. The decision's are those
  of the tree from the last layer to the first. Random ones are as many of the same layers, four draws a sentence, of
  all channels or of the decision's. "drop, as many": so many of the named ones, at random, as the method has that
  names fewest.
* The seed is that of the explainers; they explain the same classifier.
"""
