"""Relevance propagation and rules of one's own.

python -m experiments.tutorials.relevance [FOLDER]
"""

# %% [markdown]
# # Relevance, rule by rule
# Layer-wise relevance propagation is a modified backward pass. Each operation has a rule that says how its output's
# relevance is shared among its inputs.

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
score = jxai.scores.logit(lambda params, image: model.apply(params, model.preprocess(image)))
images, _ = pictures(data.test, [5, 8, 12])
labels = jax.vmap(lambda image: jnp.argmax(model.apply(params, model.preprocess(image))))(images)

# %% [markdown]
# ## Composites
# A composite chooses a rule for every operation by its place. `epsilon_plus` has z+ in convolutions and epsilon in
# dense layers, `epsilon_gamma_box` treats the first layer by the box of pixel values.

# %%
methods = {
    "gradient × input": jxai.times_input(jxai.gradient(score)),
    "epsilon-plus": jxai.lrp(score, composite=jxai.rules.epsilon_plus()),
    "epsilon-gamma-box": jxai.lrp(score, composite=jxai.rules.epsilon_gamma_box(-1.0, 1.0)),
    "alpha2-beta1": jxai.lrp(score, composite=jxai.rules.alpha2beta1()),
    "excitation": jxai.excitation_backprop(score, at="block1"),
}

# %% [markdown]
# ## A rule of one's own
# A rule gets the operation, its inputs, its output and the cotangent. This one lets only the strongest tenth of the
# cotangents through a ReLU. `with_rules` puts it in place of every ReLU, in whatever spelling.


# %%
def strongest(operation, inputs, output, cotangent):
    """The operation's own derivative, of the strongest tenth of the cotangents."""
    least = jnp.quantile(jnp.abs(cotangent), 0.9)
    return operation.pull(inputs, jnp.where(jnp.abs(cotangent) >= least, cotangent, 0.0))


methods["own rule"] = jxai.times_input(jxai.gradient(jxai.with_rules(score, {"relu": strongest})))


# %% [markdown]
# ## By place
# A composite of one's own is a function of a place. This one has z+ in convolutions, epsilon in dense layers, and a
# flat first layer, which forgets the pixel values: the map shows where, and not how bright.


# %%
def composite(place):
    """Relevance passes activations; a layer's rule depends on where it stands; None: the operation's own derivative."""
    if place.name == "relu":
        return jxai.rules.passing
    if place.name not in ("dot_general", "conv_general_dilated"):
        return None
    if place.first:
        return jxai.rules.flat
    return jxai.rules.zplus if place.grid else jxai.rules.epsilon(1e-3)


methods["flat first layer"] = jxai.times_input(jxai.gradient(jxai.with_rules(score, composite)))

# %% [markdown]
# ## Is relevance conserved?
# Epsilon-plus keeps the score, but for what biases and negative parts absorb.

# %%
rows = {}
for name, explain in methods.items():
    rows[name] = np.asarray(jax.jit(jax.vmap(lambda x, y, e=explain: e(x, y, params)))(images, labels))
    print(f"{name:20} sum {rows[name][0].sum():8.2f}   score {float(score(images[0], labels[0], params)):6.2f}")

# %%
sheet = []
for k, image in enumerate(images):
    shown = enlarge(image)
    flat = [raw[k] if raw[k].ndim == 2 else np.asarray(maps.channel_sum(jnp.asarray(raw[k]))) for raw in rows.values()]
    sheet.append([shown, *(overlay(shown, map) for map in flat)])
save_png(out / "relevance.png", grid(sheet, columns=["image", *rows]))
