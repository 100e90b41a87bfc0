"""The ladder climbs only where it pays, and says what it did."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.conftest import draw_folder
from topwork.data import read
from topwork.errors import ParameterError
from topwork.inductive import FitSettings, fit
from topwork.inductive.ladder import ladder_sentence, rungs_above


def test_every_network_has_rungs_above_it() -> None:
    assert any("mirrored" in r.candidate.backbone for r in rungs_above("timm:resnet50"))
    wide = rungs_above("packaged:efficientnet_lite1")
    assert wide[0].candidate.backbone.count("+") == 2


def test_it_stays_where_nothing_can_be_gained(session_cache: Path, tmp_path: Path) -> None:
    """Labels that are noise: the simplest rung, and never more than the time that was given."""
    folder = draw_folder(tmp_path / "data", 12)
    pictures = [item.path for item in read(folder).items]
    labels = np.random.default_rng(0).permutation(np.arange(36) % 2).astype(str).tolist()
    settings = FitSettings(backbone="random:lcnet_050", strategy="auto", minutes=5)
    result = fit(read(pictures, labels), settings).result
    assert result.tried[0].chosen
    assert [r.name for r in result.ladder] == ["mirrored views"]
    assert "mirrored views" in ladder_sentence(result.ladder)


def test_without_time_nothing_above_the_probe_is_begun(drawn: Path, session_cache: Path) -> None:
    settings = FitSettings(backbone="random:lcnet_050", strategy="auto", minutes=1e-6)
    result = fit(read(drawn), settings).result
    assert not result.ladder[0].tried
    assert "s are left" in result.ladder[0].reason
    assert len(result.tried) == 3


def test_a_plain_fit_climbs_nothing(drawn: Path, session_cache: Path) -> None:
    result = fit(read(drawn), FitSettings(backbone="random:lcnet_050")).result
    assert result.ladder == []
    assert ladder_sentence(result.ladder) == ""


@pytest.mark.parametrize("given", [{"strategy": "everything"}, {"minutes": 0}])
def test_bad_settings_are_refused(given) -> None:
    with pytest.raises(ParameterError):
        FitSettings(**given)
