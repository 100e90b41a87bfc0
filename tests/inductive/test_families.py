"""Items made from one original: kept together wherever items are split, and said so."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import skimage.data
from PIL import Image

from benchmarks.augmented import Augmented, augment
from topwork.data import Dataset, read
from topwork.inductive import fit
from topwork.inductive.settings import FitSettings

MARKED = "rotations and mirrors, marked names"


def originals(n: int, side: int = 96) -> list[np.ndarray]:
    """Pieces of photographs that don't overlap; which class they get says nothing."""
    pieces = []
    for name in ("astronaut", "coffee", "chelsea", "immunohistochemistry"):
        photograph = getattr(skimage.data, name)()[..., :3]
        rows, columns = (length // side for length in photograph.shape[:2])
        pieces += [
            photograph[y * side : (y + 1) * side, x * side : (x + 1) * side]
            for y in range(rows)
            for x in range(columns)
        ]
    order = np.random.default_rng(0).permutation(len(pieces))[:n]
    return [pieces[i] for i in order]


def labels_at_random(n: int) -> list[str]:
    return ["no" if i % 2 else "yes" for i in range(n)]


@pytest.fixture(scope="module")
def marked(tmp_path_factory: pytest.TempPathFactory) -> Augmented:
    folder = tmp_path_factory.mktemp("families") / "scans"
    return augment(originals(24), labels_at_random(24), folder, kind=MARKED, copies=5, seed=0)


def test_copies_of_one_original_are_kept_together_and_both_numbers_are_said(
    marked: Augmented, session_cache: Path
) -> None:
    fitted = fit(read(marked.folder), FitSettings(baselines=False))
    found = fitted.result.families
    assert found is not None
    assert (found.n_items, found.n_originals) == (120, 24)
    # labels that nothing tells: what is more than guessing was learnt from copies
    assert found.apart > 0.75
    assert found.together < 0.7
    assert found.together == fitted.result.scores.balanced_accuracy.value
    assert found.sentence.startswith("120 images seem to come from 24 originals. Kept together: ")
    assert "--no-name-groups" in found.sentence
    assert "seem to come from 24 originals" in fitted.model.parts.pages["report.html"]


def test_it_can_be_switched_off(marked: Augmented, session_cache: Path) -> None:
    fitted = fit(read(marked.folder), FitSettings(baselines=False, name_groups=False))
    assert fitted.result.families is None
    assert fitted.result.scores.balanced_accuracy.value > 0.75


def test_names_that_only_count_join_nothing(tmp_path: Path, session_cache: Path) -> None:
    pieces = originals(40)
    for i, (piece, label) in enumerate(zip(pieces, labels_at_random(40), strict=True)):
        (tmp_path / label).mkdir(exist_ok=True)
        Image.fromarray(piece).save(tmp_path / label / f"img{i // 4:02}_flip_{i:04}.png")
    data: Dataset = read(tmp_path)
    assert fit(data, FitSettings(baselines=False)).result.families is None
