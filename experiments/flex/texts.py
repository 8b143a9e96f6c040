"""The texts of the page of `experiments.flex`: the paper's numbers, headings, and what differs."""

__all__ = ["DIFFERS", "HEAD", "HEADINGS", "PAPER"]

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
HEAD = """# FLEX: Tables 1 to 5, and the percentages in the text

Numbers are in % unless a column counts something (features off, seconds, things named). ± is the standard error over
images, the number in brackets that over seeds.
"""
HEADINGS = {
    "lambda": "Table 1: DREL over lambda",
    "methods": "Tables 2 to 4: methods",
    "evidence": "Do the words that FLEX is rewarded for (D_r) name what the decision rests on?",
    "held out": "Table 5: two classes that the explainers were not trained on",
    "insight": "Misclassified images: are all features that the sentence names common to both classes?",
    "annotation": "Parts annotated by the words of features",
    "masking": "Masking: fall of the class's probability without the decision's features that the sentence names",
    "masking, all channels": "Masking of all channels that the sentence names",
    "other class": "Another class explained: how the sentence changes",
}
DIFFERS = """## What differs from the paper

* Images and classifiers are small: 64 px, trained from scratch. CUB: crops of 128 px enlarged to 224, and a MobileNetV2
  that was trained on other photographs of birds, with a new last layer. The paper uses a compact bilinear network at
  512 px, and GVE as its authors trained it. Here all explainers learn from one classifier's features.
* DREL was not released. Here it uses Grad-CAM at the last convolution, for the predicted class. Points: the visible
  part nearest to the maximum of the map. Boxes: those that overlap the map above half its maximum, of the objects that
  the activity involves. Words with one meaning count as one (beak, bill). Images whose reference sentences name no
  object of the decision are left out.
* "drel by chance" is the DREL of the same sentences assigned to other images at random. It grows with "things named",
  the number of parts (objects) that a sentence names.
* "drel sampled" is the mean over eight sentences drawn from the model; "drel" is that of one sentence from beam search
  (log-likelihoods divided by the length to the power of 0.7; CUB's crops: not divided). Whether the beam's sentence is
  short or long differs from seed to seed, and a longer one names more parts and gets more hits.
* "drel of facts": whether the sentence names the part and states something true of it, whatever the references mention
  (birds only).
* "true": the share of the features stated by a sentence that hold in the image and are visible (birds only).
* METEOR uses the exact and the stem stage, no synonyms. CIDEr is CIDEr-D.
* "FLEX, words of things": channels get words of parts (objects) only. Among all nouns and adjectives, the words that go
  best with a channel of a bird classifier are adjectives of classes, hardly ever a part. The reason: the channels are
  important for classes, ten sentences name most parts of any bird, and adjectives distinguish the classes.
* Sentences about birds name parts as often as people do on CUB, the most striking first
  (`jxai.data.birds.salience`).
* Annotation: each word of a part is placed at the maximum of the strongest map of its channels. It is right within a
  tenth of the box's longer side of a visible part of that name, or (birds) on it. "all right": all visible parts.
* Insight: all nouns and adjectives of the sentence occur in the references of more than a tenth of each class's images;
  or all features that it states are typical (50 %) of both classes.
* Masking: features are channels of all layers. One is named if the sentence has its word. The decision's features are
  those of the tree from the last layer to the first. Random ones are as many of the same layers, four draws a sentence,
  of all channels or of the decision's. "drop, as many": as many of the named ones, at random, as the method that names
  fewest has.
* The seed is that of the explainers; they explain the same classifier.
"""
