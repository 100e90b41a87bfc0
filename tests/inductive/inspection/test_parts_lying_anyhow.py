"""How good parts are described is chosen without defective ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import topwork as tw
from benchmarks.drawn_parts import good_part, loose_part
from topwork.data import MODALITIES, Dataset, read_items
from topwork.inductive.inspection.part_maps import map_parts
from topwork.inductive.inspection.pasted_pieces import paste_piece
from topwork.runtime.progress import silent
from topwork.settings.inspection import InspectionSettings

RNG = np.random.default_rng(0)
LOOSE = [loose_part(RNG)[0] for _ in range(60)]


@pytest.fixture(scope="module")
def detector(session_cache: Path) -> tw.AnomalyDetector:
    return tw.AnomalyDetector().fit(LOOSE)


def test_parts_that_lie_anyhow_are_compared_with_any_place(detector: tw.AnomalyDetector) -> None:
    result = detector.result_
    assert result.head == "patch-memory"
    areas = result.pasted_auroc
    assert areas["patch-memory"] > areas["place-gaussian"] + 0.02
    assert "do not all lie alike" in result.reason
    assert "any place" in detector.model_.parts.pages["report.html"]
    bad = [loose_part(RNG, defect=True)[1] for _ in range(20)]
    good = [loose_part(RNG)[0] for _ in range(20)]
    assert detector.score([*good, *bad], [False] * 20 + [True] * 20) > 0.8


def test_parts_that_are_framed_alike_are_compared_place_by_place(session_cache: Path) -> None:
    rng = np.random.default_rng(0)
    result = tw.AnomalyDetector().fit([good_part(rng) for _ in range(40)]).result_
    assert result.head == "place-gaussian"
    assert "same place" in result.reason


def test_few_parts_are_not_compared(session_cache: Path) -> None:
    result = tw.AnomalyDetector(name_groups=False).fit(LOOSE[:20]).result_
    assert (result.head, result.pasted_auroc) == ("place-gaussian", {})
    assert result.reason.startswith("Only 20 items (30 needed")


def test_the_saved_graph_gives_the_distances_of_the_memory(
    detector: tw.AnomalyDetector, tmp_path: Path
) -> None:
    model = tw.load(detector.save(tmp_path / "loose.topwork"))
    assert model.card.n_patches == 1000
    data = Dataset(read_items(LOOSE[:5]), kind=MODALITIES["image"])
    rows = map_parts(data, InspectionSettings(), progress=silent).rows
    expected = model.parts.head.distances(rows)
    found = model.predictions(LOOSE[:5]).distances.reshape(5, -1)
    assert np.abs(found - expected).max() < 2e-3


def test_a_pasted_piece_is_small_and_seen() -> None:
    rng, image = np.random.default_rng(4), LOOSE[0]
    shares = []
    for _ in range(50):
        changed = (paste_piece(image, LOOSE[1], rng) != image).any(axis=2)
        shares.append(changed.mean())
    assert max(shares) < 0.05
    assert np.mean(np.array(shares) > 0.001) > 0.95
