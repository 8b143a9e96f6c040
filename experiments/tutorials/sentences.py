"""A sentence that says why, with the places of its words.

python -m experiments.tutorials.sentences [FOLDER]
"""

# %% [markdown]
# # Sentences
# FLEX finds the channels that a decision rests on, gives each of them a word from captions, and trains two LSTMs to
# say those words.

# %%
import textwrap

import jax
import jax.numpy as jnp
import numpy as np
import optax
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

import jxai
from experiments.tutorials.network import SIZE, folder, load, pictures, trained
from jxai import language
from jxai.report.pictures import enlarge, overlay

LAYERS = ("block1", "block2", "block3")
out, data = folder(), load()
model, params = trained(data, out)
score = jxai.scores.logit(lambda params, image: model.apply(params, model.preprocess(image)))

# %% [markdown]
# ## What the decisions rest on
# For every training picture: the important channels of three layers, and the last features weighted by their
# importance.

# %%
images, labels = pictures(data.train, list(range(480)))
decide = language.decision_features(score, layers=LAYERS, at="block3", k=5)
decisions = jax.jit(jax.vmap(decide, in_axes=(0, 0, None)))(images, labels, params)

# %% [markdown]
# ## A word for every channel
# Dice's coefficient compares when a channel is important and when a word is in the captions: one matrix product.

# %%
captions = [data.train[k]["captions"][:4] for k in range(len(images))]
every = [sentence for group in captions for sentence in group]
words = language.vocabulary(every, least=5)
content = language.content_words(words, every, exclude=["bird"])
mentioned = np.stack([language.mentions(words, group, content) for group in captions])
table = language.associations(language.flatten(decisions.important, LAYERS), mentioned, content=content)
for row in sorted(language.rows(table, words, language.widths(decisions.important, LAYERS)), key=lambda r: -r.score)[
    :6
]:
    print(f"{row.layer} channel {row.channel:3}: {row.word:10} {row.score:.2f}")

# %% [markdown]
# ## Learn to say them
# The loss is the likelihood of captions, minus a reward for words that the decision rests on.

# %%
relevant = language.flatten(decisions.relevant, LAYERS)
named = jax.vmap(lambda channels, own: language.decision_words(channels, table, own=own))(relevant, mentioned)
z = language.relevance_vectors(named, mentioned, labels, len(data.names))
length = language.longest(every)
tokens = jnp.asarray([[language.encode(words, sentence, length) for sentence in group] for group in captions])
visual = decisions.visual / (jnp.abs(decisions.visual).max() + 1e-9)
captioner = language.flex(words=len(words.words), visual=visual.shape[-1], hidden=96)
objective = language.flex_objective(captioner, weight=0.1)
weights = captioner.init(jax.random.key(0))
optimiser = optax.adam(4e-3)


def loss(weights, rows, which):
    """The mean loss of a batch, a caption of each picture."""
    facts = {"visual": visual[rows], "z": z[rows]}
    return jax.vmap(objective, in_axes=(None, 0, 0))(weights, facts, tokens[rows, which]).mean()


@jax.jit
def step(weights, state, key):
    """One update."""
    rows = jax.random.randint(key, (48,), 0, len(images))
    which = jax.random.randint(jax.random.fold_in(key, 1), (48,), 0, 4)
    value, slope = jax.value_and_grad(loss)(weights, rows, which)
    updates, state = optimiser.update(slope, state)
    return optax.apply_updates(weights, updates), state, value


state = optimiser.init(weights)
for k in range(250):
    weights, state, value = step(weights, state, jax.random.key(k))
    if k % 50 == 49:
        print(f"step {k + 1}: loss {float(value):.2f}")

# %% [markdown]
# ## Say why
# Of test pictures, for the class that the network predicts. A beam finds the sentence. Its content words that go with
# a channel get the heat map of that channel. Places are rough here: with two families, a channel that knows the family
# goes with every word that only this family has.

# %%
tested, _ = pictures(data.test, [5, 8, 12])
predicted = jax.vmap(lambda image: jnp.argmax(model.apply(params, model.preprocess(image))))(tested)
reasons = jax.jit(jax.vmap(decide, in_axes=(0, 0, None)))(tested, predicted, params)
seen = reasons.visual / (jnp.abs(decisions.visual).max() + 1e-9)
say = language.beam(captioner, length=length, stop=words.stop, length_penalty=1.0)
spoken = jax.jit(jax.vmap(say, in_axes=(None, 0)))(weights, {"visual": seen})
sentences = [language.decode(words, row) for row in np.asarray(spoken)]
for label, sentence in zip(predicted, sentences, strict=True):
    print(f"{data.names[label]}: {sentence}")

# %%
values = jax.jit(jax.vmap(jxai.reap(score, *LAYERS), in_axes=(0, 0, None)))(tested, predicted, params)
heat = {
    layer: jax.vmap(lambda a, alpha: language.word_maps(a, alpha, size=(SIZE, SIZE)))(
        values[layer], reasons.alpha[layer]
    )
    for layer in LAYERS
}
heat = np.concatenate([heat[layer] for layer in LAYERS], axis=1)  # [pictures, channels, h, w]
figure = Figure((9, 7.8), dpi=110, layout="constrained")
for k, row in enumerate(figure.subplots(len(tested), 4)):
    picture = enlarge(tested[k])
    row[0].imshow(picture)
    said = f"{data.names[predicted[k]]}: {sentences[k]}"
    row[0].set_title("\n".join(textwrap.wrap(said, 40)), fontsize=8, loc="left")
    strength = heat[k].max((1, 2))
    best = {}
    for channel in np.argsort(-strength):
        word = words.words[int(table.word[channel])]
        if word in sentences[k].lower().split() and strength[channel] > 0:
            best.setdefault(word, channel)
    for cell, (word, channel) in zip(row[1:], best.items(), strict=False):
        cell.imshow(overlay(picture, heat[k, channel]))
        cell.set_title(f"“{word}”", fontsize=10)
    for cell in row:
        cell.set_axis_off()
FigureCanvasAgg(figure).print_png(str(out / "sentences.png"))
