"""A first explanation: train a network, explain it by eight methods, look at them side by side.

python -m experiments.tutorials.first_explanation [FOLDER]
"""

# %% [markdown]
# # A first explanation
# A network learns eight species of drawn birds. Then eight methods say what its predictions rest on.

# %%
import jax
import jax.numpy as jnp
import numpy as np

import jxai
from experiments.tutorials.network import folder, load, pictures, trained
from jxai.report.pictures import enlarge, overlay, save_png
from jxai.report.sheets import grid
from jxai.signal import maps

out, data = folder(), load()
model, params = trained(data, out)

# %% [markdown]
# ## A score
# The score is what is explained: here the logit of a class. Preprocessing is part of the function, so that maps
# belong to the picture.


# %%
def apply(params, image):
    """Logits of one picture in 0..1."""
    return model.apply(params, model.preprocess(image))


score = jxai.scores.logit(apply)
images, truth = pictures(data.test, [2, 5, 8, 12])
labels = jax.vmap(apply, in_axes=(None, 0))(params, images).argmax(-1)
print(f"{int((labels == truth).sum())} of {len(truth)} right")

# %% [markdown]
# ## Eight methods
# An explainer turns the score into a function of the same arguments. A combinator turns an explainer into another
# one. Class activation maps look at a layer: `block3` is the name of a tap in the model.

# %%
smooth = jxai.smoothgrad(jxai.gradient(score), samples=16)
methods = {
    "gradient": jxai.gradient(score),
    "smoothgrad": smooth,
    "integrated gradients": jxai.integrated_gradients(score, steps=16),
    "guided backpropagation": jxai.guided_backprop(score),
    "relevance (LRP)": jxai.lrp(score),
    "Grad-CAM": jxai.grad_cam(score, at="block3"),
    "LayerCAM": jxai.layer_cam(score, at="block1"),
    "occlusion": jxai.occlusion(score, window=12, stride=4),
}

# %% [markdown]
# ## All pictures at once
# The functions know one example. `jax.vmap` makes a batch of it, `jax.jit` compiles it.

# %%
keys = jax.random.split(jax.random.key(0), len(images))
rows = {}
for name, explain in methods.items():
    one = lambda image, label, key, explain=explain: explain(image, label, params, key=key)  # noqa: E731
    rows[name] = np.asarray(jax.jit(jax.vmap(one))(images, labels, keys))
    print(f"{name:24} {rows[name].shape[1:]}")

# %% [markdown]
# Maps are raw and signed. Channels are summed for the picture: blue speaks against the class, vermilion for it.

# %%
sheet = []
for k, image in enumerate(images):
    shown = enlarge(image)
    flat = [raw[k] if raw[k].ndim == 2 else np.asarray(maps.channel_sum(jnp.asarray(raw[k]))) for raw in rows.values()]
    sheet.append([shown, *(overlay(shown, map) for map in flat)])
save_png(out / "first_explanation.png", grid(sheet, columns=["image", *rows]))
