"""`jxai study`: the questionnaire and its key, and the evaluation of answers. All answers here are synthetic."""

import json
import re

import numpy as np
import pytest

from jxai.cli.app import main
from jxai.metrics.studies.agreement import DONT_KNOW
from jxai.pipelines.study.answers import evaluate
from jxai.pipelines.study.key import CROP, INSECURITY, Answers, Asked, Key, read_answers, read_key, write_key
from tests.browser import in_browser, needs_browser
from tests.tiny_runs import birds_run


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """Birds are drawn once for all tests."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def leave_jax_as_it_is(monkeypatch, cache):
    """The command line sets up JAX for its own process; tests have done so already."""
    for module in ("study", "job"):
        monkeypatch.setattr(f"jxai.cli.{module}.prepare", lambda devices=None: None)
    monkeypatch.setenv("JXAI_CACHE", str(cache))


def a_key(images=6):
    """A key of two questions a picture, as if a network had found insecurities."""
    rng = np.random.default_rng(0)
    asked = []
    for image in range(images):
        choices = tuple(rng.permutation(9)[:5].tolist())
        for kind in (INSECURITY, CROP):
            asked.append(Asked(f"q{len(asked)}", kind, image, (choices[1], choices[3]), choices))
    return Key("0123456789abcdef", tuple(map(str, range(images))), tuple("abcdefghi"), tuple(asked))


def answers_of(key, seed, *, synthetic=True, agree=0.7, unknown=0.1, **more):
    """A participant who sees the pair in a region often, in a crop at random."""
    rng, answers = np.random.default_rng(seed), []
    for question in key.questions:
        likely = agree if question.kind == INSECURITY else 0.0
        choice = [3, 1] if rng.random() < likely else rng.permutation(5)[:2].tolist()
        answers.append({"question": question.id, "choice": None if rng.random() < unknown else choice, "seconds": 1.0})
    file = {"format": "jxai-study-answers", "version": 1, "study": key.study, "participant": f"p{seed}"}
    return {**file, "synthetic": synthetic, "started": None, "finished": None, "answers": answers, **more}


@pytest.fixture
def place(tmp_path):
    """A folder with a key and three files of answers."""
    write_key(tmp_path / "key.json", a_key())
    for k in range(3):
        (tmp_path / f"{k}.json").write_text(json.dumps(answers_of(a_key(), k)))
    return tmp_path


def study(place, *files, more=()):
    paths = [str(place / file) for file in files]
    main(["study", "--answers", *paths, "--key", str(place / "key.json"), "--samples", "200", *more])


def refused(capsys, call):
    with pytest.raises(SystemExit, match="2"):
        call()
    (line,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("jxai: ")]
    return line


def test_writes_a_questionnaire_that_does_not_give_itself_away(tmp_path, capsys):
    run, out = birds_run(tmp_path / "run"), tmp_path / "study"
    given = ["--weights", str(run), "--hardest", "2", "--each", "2", "--attribution", "first_order"]
    main(["study", *given, "--out", str(out)])
    key, page = read_key(out / "key.json"), (out / "study.html").read_text()
    kinds = [question.kind for question in key.questions]
    assert kinds.count(INSECURITY) == kinds.count(CROP) == 4 and kinds != sorted(kinds)
    for question in key.questions:
        assert set(question.pair) < set(question.choices) and len(set(question.choices)) == 5
        assert f'data-question="{question.id}"' in page
    assert INSECURITY not in page and CROP not in page and "pair" not in page
    assert f'data-study="{key.study}"' in page and key.study in capsys.readouterr().out
    main(["study", *given, "--out", str(tmp_path / "again")])
    assert read_key(tmp_path / "again" / "key.json") == key
    main(["study", *given, "--out", str(tmp_path / "other"), "--seed", "1"])
    assert read_key(tmp_path / "other" / "key.json").study != key.study


FILL = """
let text = null;
URL.createObjectURL = blob => { text = blob.text(); return 'blob:none'; };
HTMLAnchorElement.prototype.click = () => {};
document.querySelector('[value=program]').click();
document.getElementById('start').click();
for (let k = 0, section; section = document.querySelector('.asked:not([hidden])'); k++) {
  const boxes = section.querySelectorAll('input');
  if (k === 1) boxes[5].click(); else { boxes[k % 5].click(); boxes[(k + 2) % 5].click(); }
  section.querySelector('.next').click();
}
document.getElementById('download').click();
return await text;
"""


@needs_browser
def test_answers_of_the_page_are_read_back(tmp_path):
    run, out = birds_run(tmp_path / "run"), tmp_path / "study"
    main(["study", "--weights", str(run), "--test", "1", "3", "--each", "1", "--others", "random",
          "--attribution", "first_order", "--out", str(out)])  # fmt: skip
    file, key = tmp_path / "a.json", read_key(out / "key.json")
    file.write_text(in_browser((out / "study.html").read_text(), FILL, tmp_path))
    found = read_answers(file, key)
    assert found.synthetic
    for k, question in enumerate(key.questions):
        expected = {DONT_KNOW} if k == 1 else {question.choices[k % 5], question.choices[(k + 2) % 5]}
        assert set(found.chosen[k].tolist()) == expected


def test_rates_and_the_difference(place, capsys):
    study(place, "0.json", "1.json", "2.json")
    said = re.sub(r"\s+", " ", capsys.readouterr().out)
    assert "SYNTHETIC answers (programs or tests, not people)" in said and "Answers of people" not in said
    assert "percentile bootstrap over participants and pictures" in said and "Chance, for who chooses: 10%" in said
    result = json.loads((place / "agreement.json").read_text())
    assert result["people"] == {} and result["study"] == a_key().study
    found = result["synthetic"]
    key = a_key()
    files = [read_answers(place / f"{k}.json", key) for k in range(3)]
    for kind in (INSECURITY, CROP):
        mine = [k for k, question in enumerate(key.questions) if question.kind == kind]
        given = [set(file.chosen[k].tolist()) for file in files for k in mine]
        agreed = np.mean([set(key.questions[k].pair) == set(f.chosen[k].tolist()) for f in files for k in mine])
        assert found[kind]["algorithm"]["value"] == pytest.approx(agreed)
        assert found[kind]["don't know"]["value"] == pytest.approx(np.mean([g == {DONT_KNOW} for g in given]))
    for name, rate in found["difference"].items():
        assert rate["value"] == pytest.approx(found[INSECURITY][name]["value"] - found[CROP][name]["value"], abs=1e-6)
    rate = found[INSECURITY]["algorithm"]
    assert rate["by"] == "bootstrap" and rate["low"] <= rate["value"] <= rate["high"]


def test_people_and_programs_are_never_mixed(place, capsys):
    (place / "person.json").write_text(json.dumps(answers_of(a_key(), 9, synthetic=False)))  # made up for this test
    study(place, "0.json", "1.json", "person.json")
    said = re.sub(r"\s+", " ", capsys.readouterr().out)
    assert "Answers of people: 1 files" in said and "SYNTHETIC" in said and "One participant" in said
    result = json.loads((place / "agreement.json").read_text())
    assert result["people"][INSECURITY]["each other"]["value"] is None
    person, key = read_answers(place / "person.json", a_key()), a_key()
    agreed = [set(q.pair) == set(c) for q, c in zip(key.questions, person.chosen.tolist(), strict=True)]
    shares = [np.mean(agreed[k::2]) for k in (0, 1)]  # questions alternate between regions and crops
    found = [result["people"][kind]["algorithm"]["value"] for kind in (INSECURITY, CROP)]
    np.testing.assert_allclose(found, shares)


def test_a_share_of_one_gets_wilsons_interval():
    key = a_key(10)
    pairs = np.array([question.pair for question in key.questions])
    found = evaluate(key, [Answers(f"p{k}", True, pairs) for k in range(3)], samples=100)
    rate = found[INSECURITY]["algorithm"]
    assert rate.value == 1 and rate.by == "Wilson"
    assert (rate.low, rate.high) == pytest.approx((0.7225, 1.0), abs=1e-3)
    assert found["difference"]["algorithm"] == (0.0, None, None, "none")


CHANGES = {
    "another study": ({"study": "ffff"}, "answers of another study"),
    "no participant": ({"participant": ""}, "participant's number"),
    "no flag": ({"synthetic": "no"}, "expected 'synthetic' as bool"),
    "version": ({"version": 2}, "version 1"),
    "question": ({"answers": [{"question": "q99", "choice": None}]}, "did not ask"),
    "twice": ({"answers": [{"question": "q0", "choice": None}] * 2}, "answered twice"),
    "one choice": ({"answers": [{"question": "q0", "choice": [2]}]}, "expected two of the 5 choices or null"),
    "the same": ({"answers": [{"question": "q0", "choice": [2, 2]}]}, "expected two of the 5 choices or null"),
    "beyond": ({"answers": [{"question": "q0", "choice": [2, 5]}]}, "expected two of the 5 choices or null"),
    "missing": ({"answers": [{"question": "q0"}]}, "expected two of the 5 choices or null"),
    "no list": ({"answers": [7]}, "did not ask"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_bad_answers_get_one_line(place, capsys, name):
    change, says = CHANGES[name]
    (place / "bad.json").write_text(json.dumps(answers_of(a_key(), 5, **change)))
    assert says in refused(capsys, lambda: study(place, "0.json", "bad.json"))
    assert not (place / "agreement.json").exists()


def test_bad_files_get_one_line(place, capsys, tmp_path):
    (place / "broken.json").write_text('{"format": ')
    (place / "copy.json").write_text((place / "0.json").read_text())
    (place / "list.json").write_text("[]")
    assert "broken JSON" in refused(capsys, lambda: study(place, "broken.json"))
    assert "same participant" in refused(capsys, lambda: study(place, "0.json", "copy.json"))
    assert "answers to a study" in refused(capsys, lambda: study(place, "list.json"))
    assert "no such file" in refused(capsys, lambda: study(place, "absent.json"))
    assert "--samples" in refused(capsys, lambda: study(place, "0.json", more=("--samples", "3")))
    (place / "key.json").write_text('{"format": "jxai-study-key", "version": 1}')
    assert "the key of a study" in refused(capsys, lambda: study(place, "0.json"))


def test_a_questionnaire_that_cannot_be_made_gets_one_line(tmp_path, capsys):
    run, out = birds_run(tmp_path / "run"), str(tmp_path / "study")

    def said(*more):
        return refused(capsys, lambda: main(["study", "--out", out, *more]))

    assert "expected --weights" in said()
    assert "photographs, or test images" in said("--weights", str(run))
    assert "ask for fewer" in said("--weights", str(run), "--test", "1", "--choices", "7")
    assert "3 or more" in said("--weights", str(run), "--test", "1", "--choices", "2")
    assert "--key belongs to --answers" in said("--weights", str(run), "--test", "1", "--key", "key.json")
    assert "--examples FOLDER" in said("photo.png", "--weights", str(run))
    assert not (tmp_path / "study").exists()
