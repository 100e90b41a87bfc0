"""Small models, and one server for the tests that leave it as it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deployment.serve.serving import Server, serving
from topwork.cli.app import run


@pytest.fixture(scope="session")
def served_model(drawn: Path, session_cache: Path, tmp_path_factory) -> Path:
    target = tmp_path_factory.mktemp("served") / "shapes.topwork"
    options = ("--backbone", "packaged:efficientnet_lite0/64", "--quiet", "--no-baselines")
    assert run(["fit", str(drawn), "--out", str(target), *options]) == 0
    return target


@pytest.fixture(scope="module")
def server(served_model: Path) -> Iterator[Server]:
    with serving(served_model) as found:
        yield found


@pytest.fixture(scope="session")
def picture(drawn: Path) -> bytes:
    return (drawn / "discs" / "000.png").read_bytes()
