"""Workers and the program that sends tasks are killed; nothing is lost, or there twice."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest
from threadpoolctl import threadpool_limits

from tests.conftest import draw_folder
from topwork.data import PLAIN, read
from topwork.features.lance_table import keys_of, open_table
from topwork.inductive import fit
from topwork.settings import FitSettings

N_PER_CLASS = 120


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw_folder(tmp_path_factory.mktemp("many") / "shapes", N_PER_CLASS, seed=5)


def _workers(parent: psutil.Process) -> list[psutil.Process]:
    """Processes that compute a task now."""
    found = []
    for process in parent.children(recursive=True):
        try:
            if process.name().startswith("ray::") and "run_task" in process.cmdline()[0]:
                found.append(process)
        except (psutil.NoSuchProcess, psutil.ZombieProcess, IndexError):
            continue
    return found


def _wait_for_workers(parent: psutil.Process) -> list[psutil.Process]:
    until = time.monotonic() + 60
    while time.monotonic() < until and parent.is_running():
        if found := _workers(parent):
            return found
        time.sleep(0.02)
    raise AssertionError("no worker computed anything")


def _wait_for_rows(parent: psutil.Process, cache: Path) -> None:
    until = time.monotonic() + 60
    while len({store for store, _ in _rows(cache)}) < 2:  # of the network, and to find copies by
        assert time.monotonic() < until
        assert parent.is_running()
        time.sleep(0.05)


def _rows(cache: Path) -> Counter[tuple[Path, bytes]]:
    """How often each content is in each store of features."""
    return Counter(
        (uri, key)
        for uri in cache.glob("features/*/*.lance")
        if (uri / "_versions").is_dir()
        for key in keys_of(open_table(uri), PLAIN).tolist()
    )


def _listening(processes: list[psutil.Process]) -> set[str]:
    found = set()
    for process in processes:
        try:
            listening = process.net_connections("tcp")
        except psutil.Error:
            continue
        found |= {one.laddr.ip for one in listening if one.status == psutil.CONN_LISTEN}
    return found


@pytest.fixture
def short() -> Iterator[Path]:
    """A folder for sockets, whose paths are short."""
    with tempfile.TemporaryDirectory(prefix="t", dir="/tmp") as folder:
        yield Path(folder)


def test_kills_lose_nothing(
    many: Path, tmp_path: Path, short: Path, joined: str, monkeypatch
) -> None:
    home, cache = tmp_path / "home", tmp_path / "cache"
    home.mkdir()
    environment = {**os.environ, "HOME": str(home), "TOPWORK_CACHE_DIR": str(cache)}
    environment["TMPDIR"] = str(short)
    del environment["RAY_ADDRESS"], environment["RAY_AUTH_TOKEN"]  # Ray of its own
    command = [sys.executable, "-m", "topwork", "fit", str(many), "--executor", "ray", "--quiet"]
    command += ["--no-baselines", "--folds", "2", "--out", str(tmp_path / "m.topwork")]
    rng = random.Random(7)
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as driver:
        process = psutil.Process(driver.pid)
        _wait_for_workers(process)
        everything = [process, *process.children(recursive=True)]
        assert len(everything) >= 5
        assert _listening(everything) <= {"127.0.0.1", "::ffff:127.0.0.1"}
        assert not any("dashboard" in " ".join(one.cmdline()) for one in everything[:3])
        time.sleep(rng.uniform(0.0, 0.5))
        rng.choice(_wait_for_workers(process)).kill()
        _wait_for_rows(process, cache)
        rng.choice(_wait_for_workers(process)).kill()
        time.sleep(rng.uniform(0.0, 0.5))
        everything = [*process.children(recursive=True)]
        driver.kill()
        said, _ = driver.communicate()
    _, alive = psutil.wait_procs(everything, timeout=20)
    assert not alive
    assert said == b""  # what Ray says of lost workers is no result
    assert not list(home.iterdir())
    assert not list(short.iterdir())
    assert not (tmp_path / "m.topwork").exists()

    settings = {"baselines": False, "n_folds": 2}
    with threadpool_limits(1, "blas"):
        here = fit(read(many), FitSettings(cache=False, **settings))
        monkeypatch.setenv("TOPWORK_CACHE_DIR", str(cache))
        there = fit(read(many), FitSettings(executor="ray", **settings))
    assert there.result.features.cached > 0
    assert there.result.scores == here.result.scores
    assert np.array_equal(there.model.parts.head.weight, here.model.parts.head.weight)
    rows = _rows(cache)
    assert rows
    assert set(rows.values()) == {1}
