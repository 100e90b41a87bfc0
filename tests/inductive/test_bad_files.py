"""Twenty kinds of bad file among 500 good ones: the run ends well, and changes nothing else."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from tests.conftest import draw
from tests.data.images.test_bad_files import MADE
from topwork.data import MAX_BYTES, read
from topwork.inductive import FitSettings, fit

PER_CLASS = 168


def _good(folder: Path) -> Path:
    rng = np.random.default_rng(0)
    for kind in ("discs", "noise", "stripes"):
        (folder / kind).mkdir(parents=True)
        for i in range(PER_CLASS):
            draw(kind, rng, 40).save(folder / kind / f"{i:03}.{('jpg', 'png', 'webp')[i % 3]}")
    return folder


def _spoil(folder: Path) -> dict[str, str]:
    """Bad files in the class folders: the reason that each must be given."""
    reasons = {}
    kinds = ("discs", "noise", "stripes")
    for number, (name, (content, reason)) in enumerate(MADE.items()):
        file = folder / kinds[number % 3] / f"bad {name}.jpg"
        file.write_bytes(content)
        reasons[file.name] = reason
    for ending in ("jpg", "png", "webp"):
        whole = (
            folder / "noise" / f"{('jpg', 'png', 'webp').index(ending):03}.{ending}"
        ).read_bytes()
        (folder / "noise" / f"cut.{ending}").write_bytes(whole[: len(whole) * 2 // 3])
        reasons[f"cut.{ending}"] = "truncated"
    os.mkfifo(folder / "discs" / "pipe.jpg")
    (folder / "discs" / "folder.png").mkdir()
    (folder / "discs" / "gone.jpg").symlink_to(folder / "nowhere.jpg")
    with (folder / "discs" / "huge.jpg").open("wb") as huge:
        huge.truncate(MAX_BYTES + 1)
    return reasons | {
        "pipe.jpg": "not_a_file",
        "folder.png": "not_a_file",
        "gone.jpg": "missing",
        "huge.jpg": "too_large",
    }


def test_bad_files_are_named_and_change_nothing(tmp_path: Path) -> None:
    folder = _good(tmp_path / "data")
    settings = FitSettings(backbone="pixels", cache=False, max_bad=0.2)
    clean = fit(read(folder), settings)
    expected = clean.model.predict_proba(folder)
    reasons = _spoil(folder)
    assert len(reasons) >= 20
    spoilt = fit(read(folder), settings)
    assert {Path(r.path).name: r.reason for r in spoilt.result.rejected} == reasons
    assert spoilt.result.n_items == 3 * PER_CLASS
    assert spoilt.result.scores == clean.result.scores
    found = spoilt.model.predict_proba(folder, bad="none")
    readable = ~np.isnan(found).any(axis=1)
    assert readable.sum() == 3 * PER_CLASS
    np.testing.assert_allclose(found[readable], expected, atol=1e-6)
