"""Where a decision is difficult, and between which classes.

python -m experiments.tutorials.insecurities [FOLDER]
"""

# %% [markdown]
# # Insecurities
# Within a family, species differ in one to three attributes. Where the network hesitates, it can say where, and
# between which two species.

# %%
import jax
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

import jxai
from experiments.tutorials.network import SIZE, folder, load, pictures, trained
from jxai.report.pictures import enlarge

out, data = folder(), load()
model, params = trained(data, out)


def apply(params, image):
    """Logits of one picture in 0..1."""
    return model.apply(params, model.preprocess(image))


# %% [markdown]
# ## The most difficult pictures
# Hesitancy is 1 minus the largest probability. A network is rarely wrong where it is sure; the reject curve says
# how much of its risk is left when the most difficult pictures are put aside.

# %%
images, truth = pictures(data.test, list(range(len(data.test))))
hesitancy = jxai.scores.hesitancy(apply)
difficulty = np.asarray(jax.jit(jax.vmap(hesitancy, in_axes=(0, None)))(images, params))
predictions = np.asarray(jax.jit(jax.vmap(apply, in_axes=(None, 0)))(params, images)).argmax(-1)
hardest = np.argsort(-difficulty)
errors = (predictions != truth)[hardest]
print(f"wrong: {errors[:40].mean():.0%} of the 40 most difficult, {errors[-40:].mean():.0%} of the 40 easiest")

# %% [markdown]
# ## Regions, each with two classes
# The attributions are of second order, exact, and without a Hessian. `coverage` is the share of the picture that a
# region covers. Shown are the two most difficult pictures of each family.

# %%
deliberate = jxai.deliberative(apply, hesitancy, at="block3", size=(SIZE, SIZE), coverage=0.08, variant="released")
chosen = np.concatenate([hardest[truth[hardest] // 4 == family][:2] for family in (0, 1)])
result = jax.jit(jax.vmap(deliberate, in_axes=(0, None)))(images[chosen], params)
for k, place in enumerate(chosen):
    a, b = (data.names[int(which[k, 0])] for which in (result.a, result.b))
    print(f"picture {place}: {a}, or {b}? It is a {data.names[truth[place]]}.")

# %% [markdown]
# Each row: the picture, and its three strongest insecurities with the two species between which the region is
# ambiguous.

# %%
figure = Figure((10, 10.4), dpi=100, layout="constrained")
for k, row in enumerate(figure.subplots(len(chosen), 4)):
    picture = enlarge(images[chosen[k]])
    row[0].imshow(picture)
    row[0].set_title(f"{data.names[truth[chosen[k]]]}\nhesitancy {difficulty[chosen[k]]:.2f}", fontsize=8)
    for rank, cell in enumerate(row[1:]):
        inside = np.asarray(result.mask[k, rank])
        large = np.kron(inside, np.ones((224 // SIZE + 1, 224 // SIZE + 1)))
        grey = 0.25 * picture + 0.75 * 235
        places = np.linspace(0, len(large) - 1, 224).round().astype(int)
        lit = large[places][:, places] > 0
        cell.imshow(np.where(lit[..., None], picture, grey).astype(np.uint8))
        cell.contour(lit, levels=[0.5], colors="#d55e00", linewidths=1.5)
        a, b = (data.names[int(which[k, rank])] for which in (result.a, result.b))
        cell.set_title(f"{a}\nor {b}?", fontsize=8)
    for cell in row:
        cell.set_axis_off()
FigureCanvasAgg(figure).print_png(str(out / "insecurities.png"))
