"""What `experiments.marc_text` writes: the table beside the paper's, what it says of the claims, and Figure 1."""

import pathlib
from typing import Any

import numpy as np
from matplotlib.colors import to_hex
from PIL import Image, ImageDraw, ImageFont

from experiments.benchmarks.timing import table
from experiments.marc_text.methods import ABLATIONS
from experiments.marc_text.table import COLUMNS, Found, difference
from jxai.report.colours import DIVERGING, ink
from jxai.report.pages import write_page
from jxai.report.pictures import save_png
from jxai.report.sections import Page, Passage, Words, WordsGroup

__all__ = ["PAPER", "claims", "markdown", "write_figure"]

PAPER = {  # Brinner and Zarriess 2023, table 1: BERT on movies
    "MaRC": (0.473, 0.469, 0.163, 0.028, 0.518),
    "Occlusion": (0.432, 0.448, 0.125, 0.022, 0.415),
    "Saliency n": (0.435, 0.392, 0.040, 0.132, 0.287),
    "Saliency s": (0.425, 0.340, 0.076, 0.260, 0.246),
    "InXGrad n": (0.436, 0.396, 0.040, 0.136, 0.292),
    "InXGrad s": (0.425, 0.340, 0.084, 0.239, 0.248),
    "Int. Grads n": (0.428, 0.369, 0.036, 0.122, 0.274),
    "Int. Grads s": (0.431, 0.381, 0.071, 0.048, 0.528),
    "LIME": (0.436, 0.380, 0.076, 0.047, 0.496),
    "Shapley": (0.428, 0.439, 0.079, -0.015, 0.728),
    "MaRC without noise": (0.454, 0.450, 0.139, 0.034, 0.487),
    "MaRC without Ω_λ": (0.349, 0.350, 0.046, 0.120, 0.266),
    "MaRC without Ω_σ": (0.447, 0.425, 0.091, 0.036, 0.535),
    "MaRC without L(x̃ᶜ)": (0.396, 0.436, 0.123, 0.052, 0.304),
}
LOW = "Suff"  # the one column where less is better
DIFFERS = (
    "What differs from the paper: a small transformer (two blocks, 64 channels, trained from scratch) in place of "
    "BERT, unless --weights names another; padding gets no attention; positions and types are added once, not "
    "twice; the paper's formulas, not the released program's (kernel with sigma, Adam, the complement's term "
    "log P); LIME with 100 samples and Shapley with 15 orders, as released (the paper says 50 and 25); integrated "
    "gradients start from the same absent words as the others. n is the norm over the channels of a token, s their sum."
)
SEEN = {
    "reviews": (
        "The printed loss has no lower bound in the complement's term (5.5 nats, against 0.22 for the mask's size, on"
        " six reviews that were looked at): it pays for keeping nearly half of the words. The released program bounds"
        " it by -log(1 - P), keeps a little more than a quarter, and agrees with the marks better. The rationales are"
        " true to the model (P of the rationale 0.997, of the complement 0.004 on the six), but the model is partly "
        "misled: they hold the grammar's distractors ('nobody could call the soundtrack hollow', 'in Salt Waltz the "
        "scene was dismal, but that was another film') beside the marked clauses. That without the complement's term "
        "the masks agree better still fits this: what would suffice is shorter than all that speaks for the class. "
        "Token F1 hardly tells methods apart: taking nearly all words has as much as most of them, in the paper's "
        "table too."
    )
}
SIDE, SIZE, INK = 900, 15, (27, 35, 48)


def markdown(whole: dict[str, Any]) -> str:
    """The page of the table."""
    config, about, rows = whole["config"], whole["machine"], whole["rows"]
    lines = []
    for row, found in rows.items():
        ours = [f"{found['mean'][c]:.3f} ± {found['error'][c]:.3f}" for c in COLUMNS]
        lines.append((row, *ours, *(f"{v:.3f}" for v in PAPER.get(row, ())), *(("–",) * (5 - len(PAPER.get(row, ()))))))
    titles = ("method", *COLUMNS, *(f"paper: {c}" for c in COLUMNS))
    seconds = [(row, found["share"], found["seconds"]) for row, found in rows.items()]
    facts = whole["marc"]
    words, epoch = whole["texts"]["words"], whole["weights"].get("best epoch", {})
    said = "".join(f"* {line}\n" for line in claims(rows))
    return (
        f"# Rationales of {config['data']}: Table 1 of MaRC\n\n"
        f"{about['date']}, {about['processor']}, {about['cores']} cores (load {about['load_average'][0]}), jax "
        f"{about['versions']['jax']}; {whole['seconds']['whole']:.0f} s, of which training "
        f"{whole['seconds']['training']:.0f} s.\n\n"
        f"{len(words)} texts of {min(words)} to {max(words)} words, {whole['texts']['gold']:.1%} of them marked; means "
        f"± standard errors. Suff: lower is better. Classifier: {whole['weights'].get('model', '')}, validation "
        f"accuracy {epoch.get('validation_accuracy', float('nan')):.1%}; absent words: {config['absent']} tokens.\n\n"
        f"{table(titles, lines)}\n{DIFFERS}\n\n## The claims\n\n{said}\n"
        f"## What MaRC finds\n\n{SEEN.get(config['data'], '')}\n\n"
        f"Here: mean mask {facts['mean mask']:.3f}. P of the true class: "
        + ", ".join(f"{name} {value:.3f}" for name, value in facts["P"].items())
        + f". The rationale alone gets the true class in {facts['rationale enough']:.0%} of the texts, the complement "
        f"in {facts['complement still right']:.0%} (the whole text: {facts['right']:.0%}).\n\n"
        f"## Share of words in the rationales that Token F1 judges, and seconds a text with compilation\n\n"
        f"{table(('method', 'share', 's'), seconds)}"
    )


def claims(rows: dict[str, Any]) -> list[str]:
    """The paper's claims, each with what these texts say."""
    left_out = [f"MaRC without {name}" for name in ABLATIONS if f"MaRC without {name}" in rows]
    others = [row for row in rows if not row.startswith("MaRC")]
    said = []
    for what, one, rivals, columns in (
        ("Plausibility of MaRC best of all methods", "MaRC", others, COLUMNS[:3]),
        ("Plausibility of MaRC as released best of all methods", "MaRC as released", others, COLUMNS[:3]),
        ("Full objective best of the ablations", "MaRC", left_out, COLUMNS),
    ):
        said += [f"{what}, {c}: {_verdict(rows, one, rivals, c)}" for c in columns if rivals and one in rows]
    return said


def _verdict(rows: dict[str, Any], one: str, rivals: list[str], column: str) -> str:
    sign = -1 if column == LOW else 1
    rival = max(rivals, key=lambda row: sign * rows[row]["mean"][column])
    mean, error = difference(rows, one, rival, column)
    mean *= sign
    held = "yes" if mean > 2 * error else "no" if mean < -2 * error else "undecided"
    return f"{held}; {'ahead of' if mean >= 0 else 'behind'} {rival} by {abs(mean):.3f} ± {error:.3f}."


def write_figure(folder: pathlib.Path, texts: Any, found: dict[str, Found], *, shown: int) -> None:
    """Figure 1: what people marked and what the methods found, as a page and a picture of each text."""
    folder.mkdir(parents=True, exist_ok=True)
    sections = []
    for i in range(min(shown, len(texts.whole))):
        text, count = texts.whole[i], len(texts.whole[i].words)
        maps = [Words(text.words, texts.gold[i, :count].astype(float), "people's marks")]
        maps += [Words(text.words, each.words[i, :count], row) for row, each in found.items()]
        title = f"Text {texts.ids[i]}: {texts.classes[texts.labels[i]]}"
        sections.append(Passage(title, (), (WordsGroup("Values from 0 to 1 in each text", tuple(maps)),)))
        drawn = [drawing(words) for words in maps if words.caption in ("people's marks", "MaRC", "Occlusion", "LIME")]
        save_png(folder / f"marc_text_{texts.ids[i]}.png", np.concatenate(drawn))
    write_page(folder / "marc_text.html", Page("Rationales of texts", tuple(sections)))


def drawing(words: Words, *, width: int = SIDE) -> np.ndarray:
    """Highlighted words as a picture `[h, w, 3]`, 0..1: values of 0..1 from white to vermilion."""
    font = ImageFont.load_default(SIZE)
    measure = ImageDraw.Draw(Image.new("RGB", (1, 1)))
    line, x, y, boxes = SIZE + 10, 12, SIZE + 22, []
    for word, value in zip(words.words, words.values, strict=True):
        long = measure.textlength(word, font=font)
        if x + long > width - 12:
            x, y = 12, y + line
        boxes.append((x, y, long, word, float(np.clip(value, 0, 1))))
        x += long + 6
    picture = Image.new("RGB", (width, y + line + 6), "white")
    draw = ImageDraw.Draw(picture)
    draw.text((12, 6), words.caption, fill=INK, font=ImageFont.load_default(SIZE + 2))
    for x, y, long, word, value in boxes:
        colour = DIVERGING(0.5 + 0.4 * value)
        draw.rectangle((x - 3, y - 2, x + long + 3, y + SIZE + 4), fill=to_hex(colour))
        draw.text((x, y), word, fill=ink(colour), font=font)
    return np.asarray(picture, np.float32) / 255
