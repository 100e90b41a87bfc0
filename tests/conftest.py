"""What all tests share: a cache and a state folder of their own, and small real images."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock
from hypothesis import settings
from PIL import Image

settings.register_profile("here", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes(specs: Sequence[object]) -> None:
    """Share the cores out: threads of several workers on one core wait for each other.

    Workers begin with this environment.
    """
    threads = max(1, (os.cpu_count() or 1) // len(specs))
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(name, str(threads))


@pytest.fixture(autouse=True)
def _no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """No width is given, which runners in several processes do."""
    monkeypatch.delenv("COLUMNS", raising=False)


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What all workers of the session see."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "shared"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session", autouse=True)
def session_cache(tmp_path_factory: pytest.TempPathFactory, shared_folder: Path) -> Iterator[Path]:
    """One cache for the worker, and a state folder; each network is exported once for all."""
    folder, graphs = tmp_path_factory.mktemp("cache"), shared_folder / "graphs"
    graphs.mkdir(exist_ok=True)
    (folder / "graphs").symlink_to(graphs)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TOPWORK_CACHE_DIR", str(folder))
        patch.setenv("TOPWORK_STATE_DIR", str(tmp_path_factory.mktemp("state")))
        yield folder


@pytest.fixture
def fresh_cache(tmp_path: Path, monkeypatch) -> Path:
    """A cache that holds nothing yet."""
    folder = tmp_path / "fresh-cache"
    monkeypatch.setenv("TOPWORK_CACHE_DIR", str(folder))
    return folder


def draw(kind: str, rng: np.random.Generator, side: int = 48) -> Image.Image:
    """A picture of one of three kinds that any network can tell apart: stripes, discs, noise."""
    y, x = np.mgrid[:side, :side]
    grey = rng.integers(0, 60, (side, side))
    if kind == "stripes":
        grey = grey + 180 * ((x // rng.integers(3, 7)) % 2)
    elif kind == "discs":
        cy, cx, r = rng.integers(12, 36), rng.integers(12, 36), rng.integers(8, 14)
        grey = grey + 180 * ((y - cy) ** 2 + (x - cx) ** 2 < r * r)
    else:
        grey = rng.integers(0, 256, (side, side))
    colour = grey[..., None] * rng.uniform(0.7, 1.0, 3)
    return Image.fromarray(colour.astype(np.uint8))


def draw_folder(folder: Path, per_class: int, seed: int = 0, ending: str = "png") -> Path:
    """Class folders of drawn pictures."""
    rng = np.random.default_rng(seed)
    for kind in ("discs", "noise", "stripes"):
        (folder / kind).mkdir(parents=True)
        for i in range(per_class):
            draw(kind, rng).save(folder / kind / f"{i:03}.{ending}")
    return folder


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Class folders with 12 pictures each; nobody may write here."""
    return draw_folder(tmp_path_factory.mktemp("drawn") / "shapes", 12)


@pytest.fixture(scope="session")
def detector(session_cache: Path, shared_folder: Path) -> Path:
    """A small detector of composed scenes, fitted by one worker; nobody may write there."""
    folder = shared_folder / "scenes.topwork"
    with FileLock(shared_folder / "detector.lock"):
        if not folder.exists():
            _fit_detector(folder)
    return folder


def _fit_detector(folder: Path) -> None:
    import topwork as tw
    from benchmarks.composites import scenes
    from tests.small_detectors import SMALL, small_detectors

    images, boxes = zip(*scenes(16, seed=0), strict=True)
    with small_detectors(160, steps=60):
        detector = tw.ObjectDetector(SMALL, minutes=20.0, n_folds=2, baselines=False)
        detector.fit(list(images), list(boxes)).save(folder)


@pytest.fixture
def bench_data() -> Path:
    """The folder of extra data; the test is skipped, loudly, without it."""
    folder = os.environ.get("TOPWORK_BENCH_DATA")
    if not folder:
        pytest.skip("TOPWORK_BENCH_DATA is not set: measurements on extra data are skipped")
    return Path(folder)
