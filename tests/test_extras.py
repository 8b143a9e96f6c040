"""Without an extra: what is imported still, and what says which extra it needs."""

import json
import subprocess
import sys
import tomllib

import pytest

from jxai.extras import MissingExtra, needs
from tests.paths import ROOT

BASE = (
    "jxai", "jxai.metrics", "jxai.models", "jxai.models.weights.load", "jxai.language", "jxai.data", "jxai.run",
    "jxai.signal", "jxai.rules", "jxai.train", "jxai.pipelines",
)  # fmt: skip
WANTS = {  # what is called, and the extra that it asks for
    "jxai.signal.segments.slic(np.zeros((4, 4, 3)), 2)": "app",
    "jxai.signal.segments.felzenszwalb(np.zeros((4, 4, 3)))": "app",
    "jxai.models.save_arrays('weights.safetensors', {'a': np.zeros(2)})": "app",
    "jxai.models.load_arrays(jxai.extras.__file__.replace('.py', '.safetensors'))": None,  # no such file
    "importlib.import_module('jxai.report')": "app",
    "importlib.import_module('jxai.report.pages')": "app",
    "jxai.data.birds('test')": "data",
    "jxai.data.scenes('test')": "data",
    "jxai.data.reviews('test')": "data",
    "jxai.data.read_photo('photo.png')": "data",
    "jxai.data.fit(np.zeros((4, 4, 3), np.uint8), 2)": "data",
    "jxai.data.pad(np.zeros((4, 4, 3), np.uint8), 2)": "data",
    "jxai.data.cut({'image': np.zeros((4, 4, 3), np.uint8)}, 2)": "data",
    "jxai.data.word_piece(['[UNK]'])": "text",
    "jxai.language.textblob_tagger(['bird'])": "words",
    "jxai.metrics.bleu4(['a'], [['a']])": "words",
    "jxai.metrics.rouge_l(['a'], [['a']])": "words",
    "jxai.metrics.cider_d(['a', 'b'], [['a'], ['b']])": "words",
    "jxai.metrics.meteor_exact_stem(['a'], [['a']])": "words",
}
ABSENT = """
import importlib, json, sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in NAMES:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

import flax.nnx  # brings some libraries of its own
for name in [name for name in sys.modules if name.split(".")[0] in NAMES]:
    del sys.modules[name]
sys.meta_path.insert(0, Absent())
"""
# what the libraries of the extras are imported as
NAMES = {
    "PIL", "array_record", "importlib_resources", "jinja2", "matplotlib", "nltk", "pycocoevalcap",
    "safetensors", "skimage", "tensorflow", "tensorflow_datasets", "textblob", "tokenizers", "tyro",
}  # fmt: skip
FROM_FLAX = {"orbax-checkpoint", "rich"}  # flax brings them


def python(*lines: str) -> subprocess.CompletedProcess:
    code = "\n".join((ABSENT.replace("NAMES", repr(NAMES)), *lines))
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)


@pytest.fixture(scope="module")
def said() -> dict[str, str]:
    """What each call raises where no extra is installed."""
    done = python(
        "import numpy as np",
        f"for name in {BASE}: importlib.import_module(name)",
        "import jxai.extras",
        "said = {}",
        f"for call in {list(WANTS)}:",
        "    try: eval(call); said[call] = 'nothing'",
        "    except Exception as error: said[call] = f'{type(error).__name__}: {error}'",
        "print(json.dumps(said))",
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("call", [call for call, extra in WANTS.items() if extra])
def test_what_is_missing_names_its_extra(said, call):
    assert said[call].startswith("MissingExtra: ")
    assert said[call].endswith(f" is not installed: pip install 'jxai[{WANTS[call]}]'")


@pytest.mark.parametrize("call", [call for call, extra in WANTS.items() if not extra])
def test_what_needs_no_extra_asks_for_none(said, call):
    assert said[call].startswith("FileNotFoundError: ")


def test_the_command_says_so_in_one_line():
    done = python("sys.argv = ['jxai', 'list']", "import jxai.__main__", "jxai.__main__.main()")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "jxai: tyro is not installed: pip install 'jxai[app]'\n"


def test_names_are_those_of_the_extras():
    """A library that is added to an extra is hidden here too."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    imported = {"pillow": "PIL", "scikit-image": "skimage"}
    listed = {line.split(">")[0] for extra in ("app", "data", "words", "text") for line in extras[extra]} - FROM_FLAX
    assert {imported.get(name, name.replace("-", "_")) for name in listed} | {"tensorflow"} == NAMES


def test_another_error_stays_what_it_is():
    with pytest.raises(ModuleNotFoundError, match=r"jxai\.nothing") as raised, needs("app"):
        import jxai.nothing  # type: ignore[import-not-found]  # noqa: F401
    assert not isinstance(raised.value, MissingExtra)
    with pytest.raises(ZeroDivisionError), needs("app"):
        print(1 / 0)
    with pytest.raises(MissingExtra, match="one is not installed"), needs("app"), needs("data"):
        raise MissingExtra("one is not installed", name="one")
