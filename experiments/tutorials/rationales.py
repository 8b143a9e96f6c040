"""MaRC: the part of a picture, and of a text, that suffices.

python -m experiments.tutorials.rationales [FOLDER]
"""

# %% [markdown]
# # Rationales
# MaRC optimises a soft mask. What it keeps should suffice for the class, and what it leaves should say nothing of
# it.

# %%
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

import jxai
from experiments.tutorials.network import folder, load, pictures, trained
from jxai import models
from jxai.data import word_piece, word_vocabulary
from jxai.explainers.masks.grid_mask import image_mask
from jxai.explainers.masks.text_mask import sequence_mask
from jxai.report.pictures import enlarge
from jxai.signal import baselines, maps, words

out, data = folder(), load()
model, params = trained(data, out)


def apply(params, image):
    """Logits of one picture in 0..1."""
    return model.apply(params, model.preprocess(image))


# %% [markdown]
# ## Pictures
# What is removed becomes each of two backgrounds: the mean colour, and a blur. The score is a log-probability in
# nats.

# %%
images, _ = pictures(data.test, [5, 8, 12])
labels = jax.vmap(apply, in_axes=(None, 0))(params, images).argmax(-1)
score = jxai.scores.log_mixture(apply)
explain = jxai.marc(score, mask=image_mask(variant="released", radius=8), steps=150)


def rationale(image, label, key):
    """The mask of one picture."""
    absent = jnp.stack([baselines.mean_colour(image), baselines.blurred(image, 6.0)])
    return explain(image, label, params, backgrounds=absent, key=key)


masks = np.asarray(jax.jit(jax.vmap(rationale))(images, labels, jax.random.split(jax.random.key(0), len(images))))
print("share of the picture:", [f"{mask.mean():.0%}" for mask in masks])

# %% [markdown]
# ## A text
# A small transformer learns opinions from a dozen phrases: "never dull" speaks for a film. Padding hides some words in
# training, so that the network knows texts with holes.

# %%
GOOD, BAD = (
    ("moving", "witty", "clever", "never dull", "not boring"),
    ("dull", "boring", "clumsy", "never witty", "not moving"),
)
SUBJECTS = ("the script", "the cast", "the music", "the ending", "this film", "every scene")
rng = np.random.default_rng(0)


def review(label):
    """A sentence with one opinion, and a remark that says nothing."""
    opinion = rng.choice(GOOD if label else BAD)
    return f"We saw it on a {rng.choice(('Monday', 'Friday', 'Sunday'))} , and {rng.choice(SUBJECTS)} is {opinion} ."


truth = np.arange(400) % 2
sentences = [review(label) for label in truth]
tokenize = word_piece(word_vocabulary(sentences, 60))
texts = [tokenize(sentence, length=20) for sentence in sentences]
reader = models.text_transformer(depth=2, width=32, heads=2, vocabulary=60, length=20)
weights = reader.init(jax.random.key(1))
tokens, types, valid = (np.stack([getattr(text, name) for text in texts]) for name in ("tokens", "types", "mask"))


def read(weights, tokens, types, mask):
    """Logits of one text."""
    return reader.apply(weights, reader.embed(weights, tokens, types), mask)


def wrong(weights, rows, hidden):
    """Cross-entropy of a batch in which padding takes the place of some words."""
    logits = jax.vmap(read, in_axes=(None, 0, 0, 0))(
        weights, jnp.where(hidden, 0, tokens[rows]), types[rows], valid[rows]
    )
    return optax.softmax_cross_entropy_with_integer_labels(logits, truth[rows]).mean()


tokens, types, valid, truth = map(jnp.asarray, (tokens, types, valid, truth))
optimiser = optax.adam(2e-3)


@jax.jit
def step(weights, state, rows, hidden):
    """One update."""
    updates, state = optimiser.update(jax.grad(wrong)(weights, rows, hidden), state)
    return optax.apply_updates(weights, updates), state


state = optimiser.init(weights)
for _ in range(150):
    weights, state = step(weights, state, rng.integers(0, len(texts), 40), rng.random((40, 20)) < 0.3)
print(f"loss of all texts: {float(wrong(weights, np.arange(len(texts)), jnp.zeros((1, 1), bool))):.3f}")

# %% [markdown]
# The mask has a source at every word. Absence is padding in place of the words.

# %%
of_text = jxai.scores.log_probability(models.masked(reader.apply))
by_marc = jxai.marc(of_text, mask=sequence_mask(variant="released"), steps=300)
SHOWN = (
    ("We saw it on a Friday , and the script is never dull .", 1),
    ("We saw it on a Monday , and the ending is clumsy .", 0),
    ("We saw it on a Sunday , and this film is not moving .", 0),
)
marked = []
for sentence, label in SHOWN:
    text = tokenize(sentence, length=20)
    x = reader.embed(weights, text.tokens, text.types)
    absent = reader.embed(weights, text.tokens * (text.groups < 0), text.types)
    mask = by_marc(x, label, (weights, text.mask), groups=text.groups, backgrounds=absent[None])
    marked.append((text.words, np.asarray(words.word_mean(mask, text.groups, words=len(text.words)))))

# %% [markdown]
# Above: picture, mask, rationale, what is left. Below: the words that suffice, the darker the more.

# %%
figure = Figure((8.8, 8.4), dpi=110, layout="constrained")
fields: Any = figure.subfigures(2, 1, height_ratios=(3, 1))
above, below = fields
cells = above.subplots(3, 4)
probabilities = jax.jit(lambda image, label: jax.nn.softmax(apply(params, image))[label])
for row, image, mask, label in zip(cells, images, masks, labels, strict=True):
    grey = np.asarray(baselines.mean_colour(image))
    large = np.asarray(maps.upsample(jnp.asarray(mask), (224, 224)))
    kept, left = (m[..., None] * image + (1 - m[..., None]) * grey for m in (mask, 1 - mask))
    values = [float(probabilities(picture, label)) for picture in (image, kept, left)]
    shown = (enlarge(image), large, enlarge(kept), enlarge(left))
    titles = (f"picture: {values[0]:.2f}", "mask", f"rationale: {values[1]:.2f}", f"what is left: {values[2]:.2f}")
    for cell, picture, title in zip(row, shown, titles, strict=True):
        cell.imshow(picture, cmap="gray", vmin=0, vmax=1 if title == "mask" else None)
        cell.set_title(title, fontsize=9)
        cell.set_axis_off()
axes = below.subplots()
axes.set(xlim=(0, 1), ylim=(len(marked), 0))
axes.set_axis_off()
for line, (parts, values) in enumerate(marked):
    place = 0.01
    for word, value in zip(parts, values, strict=True):
        width = 0.0135 * len(word) + 0.012
        axes.axvspan(
            place, place + width, 1 - (line + 0.8) / 3, 1 - (line + 0.2) / 3, color="#d55e00", alpha=0.85 * float(value)
        )
        axes.text(place + width / 2, line + 0.5, word, ha="center", va="center", fontsize=11, family="monospace")
        place += width + 0.006
FigureCanvasAgg(figure).print_png(str(out / "rationales.png"))
