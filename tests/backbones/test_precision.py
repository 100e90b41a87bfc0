"""What `auto` computes in is the processor's choice, or the environment's, and nobody else's."""

from __future__ import annotations

from pathlib import Path

import pytest

from topwork.backbones import POOLED, resolve
from topwork.backbones.engines import open_engine
from topwork.errors import ParameterError


def _opened(precision, cache: Path, name="openvino"):
    graphs = cache / "graphs"
    engine, _ = open_engine(
        resolve("packaged:efficientnet_lite0"),
        cut=POOLED,
        name=name,
        precision=precision,
        graphs=graphs,
    )
    return engine.precision


@pytest.mark.parametrize("name", ["openvino", "torch"])
@pytest.mark.parametrize("forced", ["float32", "bfloat16"])
def test_the_environment_decides_what_auto_is(forced, name, session_cache, monkeypatch) -> None:
    monkeypatch.setenv("TOPWORK_PRECISION", forced)
    assert _opened("auto", session_cache, name) == forced
    other = "float32" if forced == "bfloat16" else "bfloat16"
    assert _opened(other, session_cache, name) == other


def test_training_follows(monkeypatch) -> None:
    from topwork.training.device import Device

    monkeypatch.setenv("TOPWORK_PRECISION", "bfloat16")
    assert (Device("auto").precision, Device("float32").precision) == ("bfloat16", "float32")
    monkeypatch.setenv("TOPWORK_PRECISION", "float32")
    assert (Device("auto").precision, Device("bfloat16").precision) == ("float32", "bfloat16")


def test_a_precision_that_is_none_is_refused(session_cache, monkeypatch) -> None:
    monkeypatch.setenv("TOPWORK_PRECISION", "half")
    with pytest.raises(ParameterError, match="is 'half', expected float32, bfloat16 or auto"):
        _opened("auto", session_cache)
