"""Items made from one original: kept together wherever items are split, and said so."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import skimage.data
from PIL import Image
from scipy import ndimage
from sklearn.datasets import load_digits

from benchmarks.augmented import KINDS, Augmented, augment
from topwork.cli.app import run
from topwork.data import Dataset, read
from topwork.inductive import fit
from topwork.intake.survey import survey
from topwork.model import load
from topwork.quality import find_duplicates, find_families
from topwork.runtime.run_context import RunContext
from topwork.settings import FitSettings
from topwork.trials.trial import targets_of

SETTINGS = FitSettings(backbone="packaged:efficientnet_lite0/96", baselines=False)
"""At the size of the pictures."""


@dataclass(frozen=True)
class Found:
    """The part of the items that is with its family, and the groups of several originals."""

    share: float
    mixed: int


def families(data: Dataset, made: Augmented) -> Found:
    seen = survey(data, RunContext(SETTINGS))
    names = [item.name for item in seen.frozen.data.items]
    codes = targets_of(seen.frozen).codes
    keys = seen.frozen.extraction.keys
    copies = find_duplicates(keys, seen.similarity, seen.frozen.features, codes)
    groups = find_families(names, seen.similarity, seen.frozen.features, copies, codes).groups
    original = np.array([made.original[name] for name in names])
    largest = sum(np.bincount(groups[original == i]).max() for i in np.unique(original))
    mixed = sum(len(np.unique(original[groups == g])) > 1 for g in np.unique(groups))
    return Found(largest / len(names), mixed)


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
    fitted = fit(read(marked.folder), SETTINGS)
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


@pytest.mark.parametrize("kind", [k for k in KINDS if k != MARKED])
def test_families_of_any_kind_are_found(kind: str, tmp_path: Path, session_cache: Path) -> None:
    made = augment(originals(16), labels_at_random(16), tmp_path, kind=kind, copies=4, seed=1)
    found = families(read(made.folder), made)
    assert found.share >= 0.95
    assert found.mixed == 0


def scan(rng: np.random.Generator, side: int = 128) -> np.ndarray:
    """Something round with a mirror image much like itself, as scans of heads are."""
    y, x = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j]
    radius = np.hypot(x / rng.uniform(0.62, 0.75), y / rng.uniform(0.75, 0.88))
    tissue = ndimage.gaussian_filter(rng.normal(size=(side, side)), 3)
    grey = np.where(radius < 1, 90.0, 0) + np.where((radius < 1) & (radius > 0.9), 110.0, 0)
    grey += np.where(radius < 0.9, tissue / tissue.std() * 16, 0)
    for left in (-0.15, 0.15):
        grey -= np.where(((x - left) / 0.09) ** 2 + (y / 0.3) ** 2 < 1, 50, 0)
    return np.clip(grey, 0, 255).astype(np.uint8)[..., None].repeat(3, axis=2)


def test_scans_that_look_like_their_mirror_images(tmp_path: Path, session_cache: Path) -> None:
    rng, kind = np.random.default_rng(0), "like Keras, random names"
    scans = [scan(rng) for _ in range(24)]
    made = augment(scans, labels_at_random(24), tmp_path, kind=kind, copies=6, seed=2)
    found = families(read(made.folder), made)
    assert found.share >= 0.75
    assert found.mixed == 0


@pytest.mark.parametrize("name", ["pieces", "digits"])
def test_different_pictures_are_no_family(name: str, tmp_path: Path, session_cache: Path) -> None:
    if name == "digits":
        digits = load_digits()
        pictures = [
            (one * 15.9).astype(np.uint8)[..., None].repeat(3, axis=2)
            for one in digits.images[:150]
        ]
        labels = [str(label) for label in digits.target[:150]]
    else:
        pictures = originals(90)
        labels = labels_at_random(len(pictures))
    result = fit(read(pictures, labels), SETTINGS).result
    assert result.families is None or result.families.n_items <= 0.01 * len(pictures)


def test_it_can_be_switched_off(marked: Augmented, session_cache: Path) -> None:
    fitted = fit(read(marked.folder), replace(SETTINGS, name_groups=False))
    assert fitted.result.families is None
    assert fitted.result.scores.balanced_accuracy.value > 0.75


def test_pairs_that_change_nothing_are_not_called_too_optimistic(
    tmp_path: Path, session_cache: Path
) -> None:
    """A few copies among many pictures: two numbers would differ by the draw of the folds alone."""
    pieces = originals(60)
    for i, (piece, label) in enumerate(zip(pieces, labels_at_random(60), strict=True)):
        (tmp_path / label).mkdir(exist_ok=True)
        Image.fromarray(piece).save(tmp_path / label / f"scan{i:03}.png")
        if i < 5:
            Image.fromarray(np.rot90(piece)).save(tmp_path / label / f"scan{i:03}_rot90.png")
    families = fit(read(tmp_path), SETTINGS).result.families
    assert families is not None
    assert families.n_originals == 5
    assert "optimistic" not in families.sentence
    assert f"{families.together:.3f}" not in families.sentence
    assert "Folds keep them together; --no-name-groups" in families.sentence


def test_names_that_only_count_join_nothing(tmp_path: Path, session_cache: Path) -> None:
    pieces = originals(40)
    for i, (piece, label) in enumerate(zip(pieces, labels_at_random(40), strict=True)):
        (tmp_path / label).mkdir(exist_ok=True)
        Image.fromarray(piece).save(tmp_path / label / f"img{i // 4:02}_flip_{i:04}.png")
    data: Dataset = read(tmp_path)
    assert fit(data, SETTINGS).result.families is None


def test_evaluate_counts_altered_copies_of_training_images(
    tmp_path: Path, session_cache: Path
) -> None:
    pieces, kind = originals(40), "like Keras, random names"
    first = augment(pieces[:20], labels_at_random(20), tmp_path / "a", kind=kind, copies=4, seed=0)
    model = fit(read(first.folder), SETTINGS).model
    model.save(tmp_path / "a.topwork")
    plain = read(pieces, labels_at_random(40))
    found = load(tmp_path / "a.topwork").evaluate(plain)
    assert found.seen_in_training == 0
    assert 18 <= found.altered_copies <= 20
    strangers = read(pieces[20:], labels_at_random(20))
    assert model.evaluate(strangers).altered_copies == 0
    assert model.parts.statistics.sketches.nbytes <= 100 * len(first.original)


def test_check_names_families_and_writes_them_for_fit(
    marked: Augmented, tmp_path: Path, session_cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table, page = tmp_path / "kept.csv", tmp_path / "page.html"
    arguments = ["check", str(marked.folder), "--write", str(table), "--page", str(page)]
    assert run(arguments) == 0
    said = capsys.readouterr().out
    assert "120 from 24 originals" in said
    assert "120 images seem to come from 24 originals. topwork fit keeps them together" in said
    assert "img0001_" in said
    html = page.read_text("utf-8")
    assert "What was found?" in html
    assert "How good is it?" not in html
    assert "Made from one original" in html
    direct = fit(read(marked.folder), SETTINGS).result
    from_table = fit(read(table), SETTINGS).result
    assert from_table.scores.balanced_accuracy == direct.scores.balanced_accuracy
