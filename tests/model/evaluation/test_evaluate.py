"""Judging on other data: how they differ, and how often they were used."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import draw_folder
from topwork.data import read
from topwork.inductive import FitSettings, fit
from topwork.model.evaluation.ledger import note_use
from topwork.model.evaluation.shifted import data_shift
from topwork.model.statistics import summarise
from topwork.runtime import state_folder


@pytest.fixture
def own_state(tmp_path: Path, monkeypatch) -> Path:
    monkeypatch.setenv("TOPWORK_STATE_DIR", str(tmp_path / "state"))
    return tmp_path / "state"


def test_looks_are_counted(own_state: Path, drawn: Path, tmp_path: Path) -> None:
    model = fit(read(drawn), FitSettings(backbone="pixels", baselines=False)).model
    other = read(draw_folder(tmp_path / "other", 5, seed=3))
    first, second = model.evaluate(other), model.evaluate(other)
    assert (first.uses.this_model, first.uses.models) == (1, 1)
    assert first.uses.sentence == ""
    assert (second.uses.this_model, second.uses.models) == (2, 1)
    assert "2 times" in second.uses.sentence
    balanced = FitSettings(backbone="pixels", baselines=False, geometry="pad")
    rival = fit(read(drawn), balanced).model
    third = rival.evaluate(other)
    assert (third.uses.this_model, third.uses.models) == (1, 2)
    assert "2 models" in third.uses.sentence
    assert model.evaluate(read(drawn)).uses.this_model == 1


def test_looks_at_once_are_all_counted(own_state: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: note_use("model", [b"a", b"b"]), range(40)))
    assert note_use("model", [b"b", b"a"]).this_model == 41


def test_a_damaged_ledger_begins_anew(own_state: Path) -> None:
    note_use("model", [b"a"])
    (file,) = (state_folder() / "evaluations").glob("*.json")
    file.write_bytes(b"\xff{]")
    assert note_use("model", [b"a"]).this_model == 1
    assert json.loads(file.read_text())["models"] == {"model": 1}


def test_a_state_folder_that_can_t_be_written_stops_nothing(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("TOPWORK_STATE_DIR", str(tmp_path / "file" / "state"))
    assert note_use("model", [b"a"]) is None


def _draw(rng: np.random.Generator, codes: np.ndarray, shift: float = 0.0) -> np.ndarray:
    """Three classes in twelve dimensions, of unit noise; shifted along the last one."""
    rows = rng.normal(size=(len(codes), 12))
    rows[np.arange(len(codes)), codes] += 3
    rows[:, -1] += shift
    return rows.astype(np.float32)


def _compared(seed: int, shift: float = 0.0, shares: tuple[float, ...] = (1 / 3,) * 3):
    rng = np.random.default_rng(seed)
    ours = np.arange(240) % 3
    theirs = rng.choice(3, 120, p=shares)
    keys = [bytes([i % 256, i // 256] + [0] * 14) for i in range(240)]
    statistics = summarise(_draw(rng, ours), ours, 3, keys, groups=np.arange(240), seed=0)
    return data_shift(statistics, _draw(rng, theirs, shift), theirs)


def test_the_same_kind_of_data_is_called_the_same() -> None:
    found = [_compared(seed) for seed in range(60)]
    assert np.mean([f.covariate_shift.p < 0.05 for f in found]) <= 0.12
    assert not any(f.noticeable for f in found)
    assert np.mean([f.classes.p < 0.05 for f in found]) <= 0.12


def test_other_looks_are_found_and_other_shares_are_not_taken_for_them() -> None:
    shifted = _compared(0, shift=3)
    assert shifted.noticeable
    assert "different from" in shifted.sentence
    rarer = [_compared(seed, shares=(0.7, 0.2, 0.1)) for seed in range(30)]
    assert np.mean([f.covariate_shift.p < 0.05 for f in rarer]) <= 0.15
    assert all(f.classes.p < 0.05 for f in rarer)
    assert "distributed differently" in rarer[0].sentence


def test_too_few_items_are_not_compared() -> None:
    codes = np.arange(240) % 3
    rng = np.random.default_rng(0)
    statistics = summarise(
        _draw(rng, codes), codes, 3, [bytes(16)] * 240, groups=np.arange(240), seed=0
    )
    assert data_shift(statistics, _draw(rng, codes[:6]), codes[:6]) is None


def test_groups_on_both_sides_are_no_shift() -> None:
    """Eight groups of five items that look alike, of one distribution."""
    found = []
    for seed in range(30):
        rng = np.random.default_rng(seed)
        groups, codes = np.repeat(np.arange(10), 5), np.repeat(np.arange(10) % 2, 5)
        ours, theirs = (_draw(rng, codes) + 2 * rng.normal(size=(10, 12))[groups] for _ in range(2))
        statistics = summarise(
            ours.astype(np.float32), codes, 2, [bytes(16)] * 50, groups=groups, seed=0
        )
        found.append(data_shift(statistics, theirs.astype(np.float32), codes, groups=groups))
    assert np.mean([f.covariate_shift.p < 0.05 for f in found]) <= 0.17
