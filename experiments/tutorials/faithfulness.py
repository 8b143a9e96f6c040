"""Does the score depend on what a map marks? And can a map be an objective?

python -m experiments.tutorials.faithfulness [FOLDER]
"""

# %% [markdown]
# # Faithfulness, and a gradient through an explanation
# Remove what a map marks, most important places first. The faster the probability falls, the more the network
# depended on them. Then make the map itself part of a loss.

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
from jxai.report.pictures import enlarge, overlay
from jxai.signal import baselines, maps

out, data = folder(), load()
model, params = trained(data, out)


def apply(params, image):
    """Logits of one picture in 0..1."""
    return model.apply(params, model.preprocess(image))


logit, probability = jxai.scores.logit(apply), jxai.scores.probability(apply)
images, truth = pictures(data.test, list(range(16)))
labels = jax.vmap(apply, in_axes=(None, 0))(params, images).argmax(-1)

# %% [markdown]
# ## Curves of deletion
# Places go to the picture's mean colour. A random map is the level that a method must beat.

# %%
methods = {
    "random map": jxai.random_map(logit),
    "integrated gradients": jxai.integrated_gradients(logit, steps=16),
    "LayerCAM": jxai.layer_cam(logit, at="block1"),
    "occlusion": jxai.occlusion(logit, window=12, stride=6),
}
curve = jxai.metrics.deletion_curve(probability, steps=32)


def as_map(attribution):
    """A map over the picture."""
    flat = maps.channel_sum(attribution) if attribution.ndim == 3 else attribution
    return maps.upsample(flat, images.shape[1:3])


def deleted(image, label, key, explain):
    """The probability as the map's places are removed."""
    map = as_map(explain(image, label, params, key=key))
    return curve(map, image, label, params, baseline=baselines.mean_colour(image))


keys = jax.random.split(jax.random.key(0), len(images))
curves = {}
for name, explain in methods.items():
    every = jax.jit(jax.vmap(lambda x, y, k, e=explain: deleted(x, y, k, e)))(images, labels, keys)
    curves[name] = np.asarray(every).mean(0)
    print(f"{name:22} area {np.trapezoid(curves[name], dx=1 / (len(curves[name]) - 1)):.3f}")

# %% [markdown]
# ## A gradient through an explanation
# The data set knows where the bird is. This loss asks for right predictions whose attributions lie on the bird: the
# share of the magnitude of gradient × input beside it is a penalty. Its derivative goes through the explanation, to
# the weights.

# %%
rows = [data.train[k] for k in range(128)]
xs = np.stack([row["image"] for row in rows]).astype(np.float32) / 255
ys = np.array([row["label"] for row in rows])
on_bird = np.stack([row["masks"] > 0 for row in rows])
explain = jxai.times_input(jxai.gradient(logit))


def beside(params, x, y, mask):
    """The share of the attribution's magnitude that lies beside the bird."""
    size = jnp.abs(explain(x, y, params)).sum(-1)
    return jnp.where(mask, 0.0, size).sum() / (size.sum() + 1e-9)


def loss(params, x, y, mask):
    """Cross-entropy and the penalty."""
    logits = jax.vmap(apply, in_axes=(None, 0))(params, x)
    wrong = optax.softmax_cross_entropy_with_integer_labels(logits, y).mean()
    return wrong + 8.0 * jax.vmap(beside, in_axes=(None, 0, 0, 0))(params, x, y, mask).mean()


optimiser = optax.adam(1.5e-3)


@jax.jit
def step(params, state, x, y, mask):
    """One update."""
    updates, state = optimiser.update(jax.grad(loss)(params, x, y, mask), state)
    return optax.apply_updates(params, updates), state


tuned, state = params, optimiser.init(params)
for k in range(80):
    chosen = np.arange(16) + 16 * (k % 8)
    tuned, state = step(tuned, state, xs[chosen], ys[chosen], on_bird[chosen])

test_masks = np.stack([data.test[k]["masks"] > 0 for k in range(16)])
share = jax.jit(jax.vmap(beside, in_axes=(None, 0, 0, 0)))
before, after = (np.asarray(share(p, images, truth, test_masks)) for p in (params, tuned))
print(f"beside the bird: {before.mean():.0%} before, {after.mean():.0%} after")

# %% [markdown]
# Left: the curves. Right: the same pictures before and after training on the explanation.

# %%
figure = Figure((11, 4.2), dpi=110, layout="constrained")
fields: Any = figure.subfigures(1, 2, width_ratios=(1, 1.25))
left, right = fields
axes = left.subplots()
for name, values in curves.items():
    style = {"color": "0.6", "linestyle": "--"} if name == "random map" else {}
    axes.plot(np.linspace(0, 100, len(values)), values, label=name, **style)
axes.set(xlabel="places removed, %", ylabel="probability of the class, mean of 16 pictures")
axes.spines[["top", "right"]].set_visible(False)
axes.legend(frameon=False)
cells = right.subplots(3, 4)
shown = np.argsort(after - before)[:4]
for column, k in enumerate(shown):
    picture = enlarge(images[k])
    cells[0, column].imshow(picture)
    for row, (p, value) in enumerate(((params, before[k]), (tuned, after[k])), start=1):
        map = np.asarray(maps.channel_sum(explain(images[k], truth[k], p)))
        cells[row, column].imshow(overlay(picture, map))
        cells[row, column].set_title(f"{value:.0%} beside", fontsize=8)
for cell, name in zip(cells[:, 0], ("picture", "before", "after"), strict=True):
    cell.set_ylabel(name)
for cell in cells.flat:
    cell.set(xticks=[], yticks=[])
    cell.spines[:].set_visible(False)
FigureCanvasAgg(figure).print_png(str(out / "faithfulness.png"))
