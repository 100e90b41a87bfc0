"""Held-out domains tell what random folds hide: a head that knows a site by its looks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import topwork as tw
from topwork.trials.domains.left_out_domains import LeftOutDomains

SMALL = "packaged:efficientnet_lite0/64"


def drawn(folder: Path, n: int) -> tuple[list[str], list[str], list[str]]:
    """Images of noise whose class shows at one site by brightness, at the other by darkness."""
    rng, rows = np.random.default_rng(0), []
    folder.mkdir()
    for site in ("north", "south"):
        for label in ("a", "b"):
            for _ in range(n):
                bright = (label == "a") == (site == "north")
                red = np.array([1.0, 0.2, 0.2] if site == "north" else [0.2, 0.2, 1.0])
                pixels = rng.integers(60, 100, (24, 24, 1)) + (120 if bright else 0)
                path = folder / f"{site}-{label}-{rng.integers(1e9)}.png"
                Image.fromarray((pixels * red).astype(np.uint8)).save(path)
                rows.append((str(path), label, site))
    paths, labels, sites = zip(*rows, strict=True)
    return list(paths), list(labels), list(sites)


def fitted(session_cache: Path, tmp_path: Path, domains: list[str] | None) -> LeftOutDomains | None:
    paths, labels, _ = drawn(tmp_path / "images", 12)
    data = tw.read(paths, labels, domains=domains)
    model = tw.ImageClassifier(backbone=SMALL, near_duplicates=False, name_groups=False).fit(data)
    return model.result_.left_out_domains


def test_sites_that_contradict_each_other(session_cache: Path, tmp_path: Path) -> None:
    found = fitted(session_cache, tmp_path, ["north"] * 24 + ["south"] * 24)
    assert found is not None
    assert [one.domain for one in found.domains] == ["north", "south"]
    assert [one.n_items for one in found.domains] == [24, 24]
    assert found.random_folds > 0.9
    assert found.balanced_accuracy.value < 0.6
    assert "Each of 2 domains held out as a whole" in found.sentence


@pytest.mark.parametrize("domains", [None, ["north"] * 48])
def test_without_two_domains_there_is_nothing_to_hold_out(
    session_cache: Path, tmp_path: Path, domains: list[str] | None
) -> None:
    assert fitted(session_cache, tmp_path, domains) is None
