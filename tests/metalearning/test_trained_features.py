"""Layers trained on episodes: judged on tasks that were left out, written where they help."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks.drawn_alphabets import write_alphabet
from topwork.cli.app import run
from topwork.metalearning import trained_features

torch = pytest.importorskip("torch")

SMALL = "packaged:efficientnet_lite0/64"


@pytest.fixture(scope="module")
def alphabets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tasks") / "base"
    for seed in range(8):
        write_alphabet(folder / f"alphabet{seed}", seed, characters=4, times=6)
    return folder


@pytest.fixture(autouse=True)
def _fewer_episodes(monkeypatch: pytest.MonkeyPatch) -> None:
    from topwork.training.strategies import anil

    monkeypatch.setattr(anil, "EPISODES", 6)


def _meta(tasks: Path, out: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    words = ("--method", "anil", "--backbone", SMALL, "--json", "--out", str(out))
    assert run(["meta", str(tasks), *words]) == 0
    found: dict[str, object] = json.loads(capsys.readouterr().out)
    return found


def test_what_is_not_certain_to_add_is_not_used(
    alphabets: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Six episodes teach nothing."""
    found = _meta(alphabets, tmp_path / "prior", capsys)
    trained = found["trained"]
    assert trained["used"] is False
    assert trained["added"]["low"] <= 0
    assert found["method"] == "closed-form"
    assert (tmp_path / "prior").is_file() == (found["prior"] is not None)


def test_what_is_used_is_a_backbone(
    alphabets: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(trained_features, "over_tasks", lambda _: (0.01, 0.02))
    out = tmp_path / "mine"
    found = _meta(alphabets, out, capsys)
    assert found["method"] == "anil"
    assert found["prior"] == str(out)
    new = write_alphabet(tmp_path / "new", 100, characters=4, times=5)
    words = ("--backbone", f"own:@{out}", "--no-baselines", "--out", str(tmp_path / "model"))
    assert run(["fit", str(new), *words, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["asked"].startswith("own:")


def test_texts_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = np.random.default_rng(0)
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
    for place in (tmp_path / "tasks" / f"task{n}" / label for n in range(8) for label in "xy"):
        place.mkdir(parents=True)
        for number in range(4):
            text = " ".join("".join(words.choice(letters, 6)) for _ in range(9))
            (place / f"{number}.txt").write_text(text, "utf-8")
    assert run(["meta", str(tmp_path / "tasks"), "--method", "anil"]) == 2
    assert "protonet" in capsys.readouterr().err
