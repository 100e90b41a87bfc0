"""A small model of drawn images, as people fit one."""

from __future__ import annotations

from pathlib import Path

import pytest

from topwork.cli.app import run


@pytest.fixture(scope="session")
def watched_model(drawn: Path, session_cache: Path, tmp_path_factory) -> Path:
    target = tmp_path_factory.mktemp("watched") / "shapes.topwork"
    options = ("--backbone", "packaged:efficientnet_lite0/64", "--quiet", "--no-baselines")
    assert run(["fit", str(drawn), "--out", str(target), *options]) == 0
    return target
