"""Folders and files appear complete or not at all."""

import pytest

from jxai.run.atomic import new_folder, recover, write_bytes


def test_appears_when_complete(tmp_path):
    target = tmp_path / "deep" / "out"
    with new_folder(target) as folder:
        (folder / "a").write_text("x")
        assert not target.exists() and folder.parent == target.parent
    assert (target / "a").read_text() == "x"
    assert [path.name for path in target.parent.iterdir()] == ["out"]


def test_nothing_remains_after_an_exception(tmp_path):
    with pytest.raises(KeyboardInterrupt), new_folder(tmp_path / "out") as folder:
        (folder / "a").write_text("x")
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def test_existing_target_is_refused_before_the_work(tmp_path):
    (tmp_path / "out").mkdir()
    with pytest.raises(ValueError, match="ask to overwrite"), new_folder(tmp_path / "out"):
        pytest.fail("the work was begun")
    (tmp_path / "file").write_text("mine")
    with pytest.raises(ValueError, match="got the file"), new_folder(tmp_path / "file", overwrite=True):
        pytest.fail("the work was begun")


def test_overwrite(tmp_path):
    for text in ("old", "new"):
        with new_folder(tmp_path / "out", overwrite=True) as folder:
            (folder / text).write_text(text)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["new"]
    with pytest.raises(RuntimeError), new_folder(tmp_path / "out", overwrite=True):
        raise RuntimeError
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["new"]


def test_recover(tmp_path):
    aside = tmp_path / ".out.replaced"
    aside.mkdir()
    (aside / "old").touch()
    recover(tmp_path / "out")
    assert (tmp_path / "out" / "old").exists() and not aside.exists()
    aside.mkdir()
    recover(tmp_path / "out")
    assert (tmp_path / "out" / "old").exists() and not aside.exists()


def test_write_bytes(tmp_path):
    write_bytes(tmp_path / "f", b"one")
    write_bytes(tmp_path / "f", b"two")
    assert (tmp_path / "f").read_bytes() == b"two"
    with pytest.raises(TypeError):
        write_bytes(tmp_path / "f", "text")
    assert (tmp_path / "f").read_bytes() == b"two"
    assert [path.name for path in tmp_path.iterdir()] == ["f"]
