"""What was compiled is kept for the next process, and is never trusted blindly."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from topwork.backbones import POOLED, resolve
from topwork.backbones.engines import OpenVINOEngine, graph_of
from topwork.backbones.engines.engine import probe_images
from topwork.data import read
from topwork.inductive import FitSettings, fit
from topwork.model import load
from topwork.runtime import cache_folder


@pytest.fixture(scope="module")
def xml(session_cache: Path) -> Path:
    backbone = resolve("random:lcnet_035/64")
    return graph_of(backbone, cut=POOLED, folder=session_cache / "graphs").xml


def _features(xml: Path, compiled: Path | None) -> np.ndarray:
    engine = OpenVINOEngine(xml, compiled=compiled)
    ((_, (features,)),) = engine.run([("tag", probe_images(64, 64))])
    return features


def test_it_answers_like_one_that_was_compiled_anew(xml: Path, tmp_path: Path) -> None:
    anew = _features(xml, None)
    assert np.array_equal(_features(xml, tmp_path), anew)
    (kept,) = tmp_path.iterdir()
    written = kept.stat().st_mtime_ns
    assert np.array_equal(_features(xml, tmp_path), anew)
    assert kept.stat().st_mtime_ns == written


def test_a_damaged_one_is_compiled_again(xml: Path, tmp_path: Path) -> None:
    anew = _features(xml, tmp_path)
    (kept,) = tmp_path.iterdir()
    for damaged in (b"", b"nonsense", kept.read_bytes()[:1000]):
        kept.write_bytes(damaged)
        assert np.array_equal(_features(xml, tmp_path), anew)


def test_a_model_answers_where_nothing_can_be_kept(
    drawn: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = FitSettings(backbone="random:lcnet_035/64", baselines=False)
    expected = fit(read(drawn), settings, save_to=tmp_path / "m").model.predict(drawn)
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("TOPWORK_CACHE_DIR", str(tmp_path / "file" / "cache"))
    assert list(load(tmp_path / "m").predict(drawn)) == list(expected)


def test_nothing_is_compiled_where_all_features_are_stored(
    drawn: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOPWORK_CACHE_DIR", str(tmp_path))
    settings = FitSettings(backbone="random:lcnet_035/64", baselines=False)
    first = fit(read(drawn), settings)
    folders = [*(cache_folder() / "graphs").glob("*/compiled")]
    assert folders
    for folder in folders:
        shutil.rmtree(folder)
    again = fit(read(drawn), settings)
    assert not any(folder.exists() for folder in folders)
    assert again.result.scores == first.result.scores
