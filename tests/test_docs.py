"""Every example of the documentation runs, every command in it is understood, and nothing public is left out."""

import re
import subprocess
import sys

import pytest

import jxai
from jxai import data, language, metrics, models
from jxai.measures import MEASURES
from jxai.methods import METHODS
from jxai.pipelines.methods import methods
from tests.pages import PAGES, blocks, commands, is_understood, run_python
from tests.paths import ROOT

ALL = sorted(PAGES.rglob("*.md"))
NEEDS = {"howto/models.md": ("equinox", "keras")}


def name_of(page):
    return page.relative_to(PAGES).as_posix()


@pytest.mark.parametrize("page", [page for page in ALL if blocks(page, "python")], ids=name_of)
def test_python_examples_run_in_order(page, tmp_path, monkeypatch):
    for module in NEEDS.get(name_of(page), ()):
        pytest.importorskip(module)
    monkeypatch.chdir(tmp_path)  # an example may write files
    run_python(page)


LINES = sorted({line for page in [*ALL, ROOT / "experiments" / "README.md"] for line in commands(page)})


@pytest.mark.parametrize("line", LINES)
def test_commands_are_understood(line):
    command = is_understood(line)
    assert set(getattr(command, "method", ())) <= {*methods(), "flex", "gve", "mme", "baseline"}


def test_reference_names_every_public_function():
    pages = {page.stem: page.read_text() for page in (PAGES / "api").glob("*.md")}
    listed = set(re.findall(r"^::: jxai\.(\w+)$", "\n".join(pages.values()), re.MULTILINE))
    assert set(jxai.__all__) - listed == {"scores", "signal", "metrics"} - listed
    whole = {f"::: {module.__name__}" for module in (data, language, metrics, models)}
    assert not [line for line in whole if not any(line in page for page in pages.values())]


def test_gallery_shows_every_method():
    text = (PAGES / "gallery.md").read_text()
    shown = re.findall(r"^### `(\w+)`\n+!\[[^\]]+\]\(gallery/\1\.webp\)\n+\S", text, re.MULTILINE)
    assert sorted(shown) == sorted(methods())
    assert not [name for name in shown if not (PAGES / "gallery" / f"{name}.webp").is_file()]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    pytest.importorskip("mkdocs", reason="the site needs the extra docs")
    out = tmp_path_factory.mktemp("site")
    command = ["-m", "mkdocs", "build", "-q", "--strict", "-f", "jxai/docs/mkdocs.yml", "-d", str(out)]
    done = subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return out


def test_the_site_builds_and_fetches_nothing_from_other_hosts(site):
    fetched = re.compile(
        r"<(?:script|img|iframe|source|link)\b[^>]*(?:src|href)=\"?(?:https?:)?//[^>]*>", re.IGNORECASE
    )
    for page in site.rglob("*.html"):
        assert not fetched.findall(page.read_text()), page.name
    for style in site.rglob("*.css"):
        assert not re.findall(r"(?:url\(|@import )[\"']?(?:https?:)?//", style.read_text()), style.name


def test_bibliography_has_the_papers_of_both_tables():
    entries = [line.split(". *")[0] for line in (PAGES / "bibliography.md").read_text().splitlines() if "*" in line]
    cited = {part.strip() for row in (*METHODS.values(), *MEASURES.values()) for part in row.paper.split(";")}
    papers = {match.groups() for part in cited if (match := re.match(r"(\w+).*?(\d{4})", part))}
    assert papers and not [
        (author, year) for author, year in papers if not any(author in e and year in e for e in entries)
    ]
