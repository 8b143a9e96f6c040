"""What experiments share: settings, results of several runs in one file, estimates and claims."""

import dataclasses
import json

import numpy as np
import pytest
from matplotlib.figure import Figure

from experiments.experiment import results as results_module
from experiments.experiment.claims import best_rival, estimate, mean, pooled, standard_error, verdict
from experiments.experiment.record import machine, requested
from experiments.experiment.results import Report, run
from experiments.experiment.settings import Settings, require_known


def page(results):
    return "".join(f"{name}: {result['number']}\n" for name, result in results["results"].items())


def numbers(report, settings, **found):
    return run(report, settings, [(name, {"number": number}) for name, number in found.items()])["results"]


def test_results_of_several_runs_stand_in_one_file_each_with_its_own_settings(tmp_path):
    report = Report("some", page)
    numbers(report, Settings(table=tmp_path), birds=1, scenes=2)
    numbers(report, Settings(table=tmp_path, keep=True, called="longer"), birds=3)
    whole = numbers(report, Settings(table=tmp_path, keep=True, full=True), birds=4)
    assert {name: result["number"] for name, result in whole.items()} == {"birds": 4, "scenes": 2, "birds, longer": 3}
    assert (tmp_path / "some.md").read_text() == "birds: 4\nscenes: 2\nbirds, longer: 3\n"
    assert json.loads((tmp_path / "some.json").read_text())["results"] == whole
    settings = {name: result["run"]["config"] for name, result in whole.items()}
    assert settings["birds"] == {"keep": True, "called": "", "full": True}
    assert settings["scenes"]["full"] is False and settings["birds, longer"]["called"] == "longer"
    assert set(numbers(report, Settings(table=tmp_path), birds=5)) == {"birds"}


def test_what_was_measured_before_an_experiment_breaks_off_is_written(tmp_path):
    def measurements():
        yield "birds", {"number": 1}
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(Report("some", page), Settings(table=tmp_path), measurements())
    assert (tmp_path / "some.md").read_text() == "birds: 1\n"


def test_nothing_measured_ends_the_experiment_and_leaves_the_file(tmp_path):
    report = Report("some", page)
    numbers(report, Settings(table=tmp_path), birds=1)
    with pytest.raises(SystemExit, match="nothing was measured"):
        numbers(report, Settings(table=tmp_path))
    assert report.read(tmp_path)["results"]["birds"]["number"] == 1


def test_the_seconds_of_a_run_count_from_its_start(tmp_path, monkeypatch):
    times = iter([100.0, 103.0, 107.6])
    monkeypatch.setattr(results_module.time, "perf_counter", lambda: next(times))
    whole = numbers(Report("some", page), Settings(table=tmp_path), birds=1, scenes=2)
    assert [result["run"]["seconds"] for result in whole.values()] == [8, 8]


def test_page_and_figure_are_made_from_what_the_file_holds(tmp_path):
    seen = []
    report = Report(
        "some", lambda results: repr(seen.append(results)), lambda results: seen.append(results) or Figure()
    )
    report.write(tmp_path, {"rows": (1, np.float32(2), np.arange(2)), "by": {16: None}})
    assert seen == [{"rows": [1, 2.0, [0, 1]], "by": {"16": None}}] * 2 and (tmp_path / "some.png").is_file()


def test_settings_of_the_papers_size():
    @dataclasses.dataclass(frozen=True)
    class Some(Settings):
        FULL = {"seeds": 3}
        seeds: int = 1

    assert Some().resolved() == Some() and Some(full=True).resolved() == Some(full=True, seeds=3)
    assert Some(called="b").name("a", "c") == "a, c, b"


def test_paths_are_not_recorded(tmp_path):
    assert requested(Settings(table=tmp_path), without=("keep",)) == {"called": "", "full": False}


def test_an_unknown_name_is_refused():
    with pytest.raises(SystemExit, match="--sets: expected some of 'birds', 'scenes', got 'cats'"):
        require_known("sets", ("birds", "cats"), ("birds", "scenes"))


def test_the_machine_is_recorded():
    about = machine("jax", "numpy")
    assert (
        set(about["versions"]) == {"jax", "numpy"}
        and about["cores"] >= 1
        and about["versions"]["numpy"] == np.__version__
    )


def test_an_estimate_is_the_mean_over_images_of_means_over_seeds():
    found = estimate(np.array([0.0, 1.0, np.nan]), np.array([1.0, 1.0, np.nan]))
    assert found.mean == pytest.approx(0.75) and found.images == 2
    assert found.error == pytest.approx(np.std([0.5, 1.0], ddof=1) / 2**0.5)
    assert found.over_seeds == pytest.approx(np.std([0.5, 1.0], ddof=1) / 2**0.5)
    assert estimate(0.3).images == 1 and np.isnan(estimate(0.3).error)


def test_pooled_images_count_alike():
    found = pooled(np.array([0.0, 1.0, 2.0]), np.array([5.0, np.nan, np.nan]))
    assert found.mean == 2 and found.images == 4
    assert found.error == pytest.approx(np.std([0, 1, 2, 5], ddof=1) / 2)
    assert found.over_seeds == pytest.approx(np.std([1, 5], ddof=1) / 2**0.5)


def test_means_are_of_finite_values():
    values = np.array([[1.0, np.nan], [3.0, np.nan]])
    np.testing.assert_array_equal(mean(values, 0), [2, np.nan])
    np.testing.assert_array_equal(mean(values, 1), [1, 3])
    assert mean(values) == 2 and np.isnan(standard_error([1.0, np.nan]))


@pytest.mark.parametrize(("lower", "rival", "place", "lead"), [(True, "a", 1, 0.15), (False, "b", 3, -0.8)])
def test_the_best_rival_is_that_of_the_direction(lower, rival, place, lead):
    values = {"own": np.array([0.1, 0.3]), "a": np.array([0.3, 0.4]), "b": np.ones(2)}
    found = best_rival(values, "own", ["a", "b"], lower=lower)
    assert (found.rival, found.place) == (rival, place) and found.lead.mean == pytest.approx(lead)
    assert found.lead.error == pytest.approx(np.std(values["own"] - values[rival], ddof=1) / 2**0.5)


def test_a_claim_holds_beyond_two_errors():
    assert verdict(0.05, 0.02) == "yes" and verdict(0.04, 0.02) == "undecided" and verdict(-0.05, 0.02) == "no"
    assert verdict(0.05, 0.02, 0.02) == "undecided"
