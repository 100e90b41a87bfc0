"""What was measured in bfloat16 is held against what the saved model predicts."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import draw_folder
from topwork.data import read
from topwork.inductive import FitSettings, fit
from topwork.trials.precision_check import N_CHECKED, PrecisionCheck, precision_check

SETTINGS = FitSettings(baselines=False)


def test_both_precisions_are_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, session_cache: Path
) -> None:
    data = read(draw_folder(tmp_path / "shapes", 12))
    monkeypatch.setenv("TOPWORK_PRECISION", "bfloat16")
    fitted = fit(data, SETTINGS)
    checked = fitted.result.precision_check
    assert fitted.result.precision == "bfloat16"
    assert checked is not None
    assert checked.n_items == N_CHECKED
    assert 0 < checked.probability < 0.1
    assert (checked.changed, checked.sentence) == (0.0, "")
    # a model whose head is another one is told apart
    fitted.artifacts.chosen.head.linear.weight[:] *= -1
    other = precision_check(fitted.model, fitted.artifacts.chosen)
    assert other is not None
    assert other.changed > 0.5
    assert "TOPWORK_PRECISION=float32" in other.sentence


def test_in_one_precision_there_is_nothing_to_compare(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, session_cache: Path
) -> None:
    monkeypatch.setenv("TOPWORK_PRECISION", "float32")
    fitted = fit(read(draw_folder(tmp_path / "shapes", 6)), SETTINGS)
    assert fitted.result.precision_check is None


@pytest.mark.parametrize(("changed", "said"), [(0.0, False), (0.1, False), (0.11, True)])
def test_what_matters_is_said(changed: float, said: bool) -> None:
    checked = PrecisionCheck(n_items=32, probability=0.2, changed=changed)
    assert bool(checked.sentence) is said
