"""One pass over real files: nothing twice, nothing lost, nothing mixed up."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import draw, draw_folder
from topwork.backbones import POOLED, resolve
from topwork.backbones.engines import open_engine
from topwork.data import Framing, ImageModality, read, read_items
from topwork.features import FeatureRequest, LanceStore, MemoryStore, extract, fingerprint
from topwork.features.forward import ordered_map

FRAMING = Framing(64, 64, interpolation="bilinear")


@pytest.fixture(scope="module")
def engine(session_cache: Path):
    graphs = session_cache / "graphs"
    return open_engine(resolve("pixels"), cut=POOLED, graphs=graphs, precision="float32")[0]


def _extract(items, engine, store):
    return extract(items, FeatureRequest(FRAMING, engine, store), kind=ImageModality())


def _key(backbone: str = "pixels"):
    return fingerprint(
        resolve(backbone), cut=POOLED, framing=FRAMING, engine="openvino", precision="float32"
    )


def test_features_don_t_depend_on_what_else_is_extracted(drawn: Path, engine) -> None:
    items = read(drawn).items
    together, alone = MemoryStore(), MemoryStore()
    whole = _extract(items, engine, together)
    assert whole.computed == len(items) == 36
    for item in items[::5]:
        _extract([item], engine, alone)
    some = [whole.keys[i] for i in range(0, 36, 5)]
    np.testing.assert_array_equal(together.read(some), alone.read(some))


def test_equal_files_are_computed_once(tmp_path: Path, engine) -> None:
    picture = draw("discs", np.random.default_rng(0))
    for name in ("a", "b", "c"):
        picture.save(tmp_path / f"{name}.png")
    result = _extract(read_items(tmp_path), engine, store := MemoryStore())
    assert (result.computed, result.cached) == (1, 2)
    assert len(result.keys) == 3
    assert store.read(result.keys).shape[0] == 3


def test_only_new_items_are_computed(tmp_path: Path, engine) -> None:
    folder = draw_folder(tmp_path / "data", 10)
    first = _extract(read(folder).items, engine, LanceStore(tmp_path / "store", _key()))
    assert (first.computed, first.cached) == (30, 0)
    rng = np.random.default_rng(9)
    for i in range(5):
        draw("discs", rng).save(folder / "discs" / f"new{i}.png")
    again = _extract(read(folder).items, engine, LanceStore(tmp_path / "store", _key()))
    assert (again.computed, again.cached) == (5, 30)


def test_bad_items_are_named_and_the_rest_goes_on(tmp_path: Path, engine) -> None:
    folder = draw_folder(tmp_path / "data", 4)
    (folder / "discs" / "broken.jpg").write_text("not a picture")
    (folder / "noise" / "empty.png").touch()
    clean = draw_folder(tmp_path / "clean", 4)
    store = MemoryStore()
    result = _extract(read(folder).items, engine, store)
    expected = _extract(read(clean).items, engine, store)
    assert [(Path(r.path).name, r.reason) for r in result.rejected] == [
        ("broken.jpg", "not_an_image"),
        ("empty.png", "empty"),
    ]
    assert result.keys == expected.keys
    assert result.kept == [0, 1, 2, 3, 5, 6, 7, 8, 10, 11, 12, 13]


def test_ordered_map_keeps_order_and_bounds_what_is_ahead() -> None:
    ahead, most, lock = 0, 0, threading.Lock()

    def slow(i: int) -> int:
        nonlocal ahead, most
        with lock:
            ahead += 1
            most = max(most, ahead)
        time.sleep(random.random() / 500)
        return i

    out = []
    for value in ordered_map(slow, range(200), window=8, threads=3):
        with lock:
            ahead -= 1
        out.append(value)
    assert out == list(range(200))
    assert most <= 8


def test_errors_in_threads_reach_the_caller() -> None:
    with pytest.raises(ZeroDivisionError):
        list(ordered_map(lambda i: 1 // (i - 5), range(20), window=4))


SCRIPT = """
import sys
from pathlib import Path
from topwork.backbones import POOLED, resolve
from topwork.backbones.engines import open_engine
from topwork.data import Framing, ImageModality, read
from topwork.features import FeatureRequest, LanceStore, extract, fingerprint
import topwork.features.store as store_module
store_module.FLUSH_SECONDS = 0.02
folder, cache = map(Path, sys.argv[1:])
backbone = resolve("packaged:efficientnet_lite0/64")
framing = Framing(64, 64)
engine, _ = open_engine(backbone, cut=POOLED, graphs=cache / "graphs", precision="float32")
key = fingerprint(backbone, cut=POOLED, framing=framing, engine="openvino", precision="float32")
store = LanceStore(cache / "killed", key)
result = extract(
    read(folder).items, FeatureRequest(framing, engine, store), kind=ImageModality(),
    progress=lambda done, total: print(done, flush=True),
)
print(result.computed, result.cached, flush=True)
"""


def test_kill_loses_nothing_that_was_stored(tmp_path: Path, session_cache: Path) -> None:
    folder = draw_folder(tmp_path / "data", 80)
    cache = tmp_path / "cache"
    (cache).mkdir()
    (cache / "graphs").symlink_to(session_cache / "graphs")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    stored_before = 0
    for moment in (160, 210):
        process = subprocess.Popen(
            [sys.executable, "-c", SCRIPT, str(folder), str(cache)],
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        assert process.stdout is not None
        while int(process.stdout.readline()) < moment:
            pass
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        key = fingerprint(
            resolve("packaged:efficientnet_lite0/64"),
            cut=POOLED,
            framing=Framing(64, 64),
            engine="openvino",
            precision="float32",
        )
        stored = len(LanceStore(cache / "killed", key).known())
        assert stored >= stored_before
        stored_before = stored
    assert 0 < stored_before < 240, "the kills must fall into the pass"
    finished = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(folder), str(cache)],
        capture_output=True,
        text=True,
        env=environment,
        check=True,
    )
    computed, cached = map(int, finished.stdout.splitlines()[-1].split())
    assert cached == stored_before
    assert computed == 240 - stored_before
    _same_as_undisturbed(folder, cache, session_cache, key)


def _same_as_undisturbed(folder: Path, cache: Path, session_cache: Path, key) -> None:
    backbone = resolve("packaged:efficientnet_lite0/64")
    engine, _ = open_engine(
        backbone, cut=POOLED, graphs=session_cache / "graphs", precision="float32"
    )
    whole = MemoryStore()
    items = read(folder).items
    result = extract(items, FeatureRequest(Framing(64, 64), engine, whole), kind=ImageModality())
    disturbed = LanceStore(cache / "killed", key).read(result.keys)
    np.testing.assert_array_equal(disturbed, whole.read(result.keys))
