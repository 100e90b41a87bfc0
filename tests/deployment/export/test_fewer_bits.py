"""Weights in float16 under their own tolerance, and 8-bit integers that only a fit makes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import topwork as tw
from tests.deployment.export.models import classes
from tests.deployment.export.runtimes import without_topwork
from topwork.cli.app import run
from topwork.deployment.export import exporting
from topwork.deployment.export.export_folder import ParityError
from topwork.deployment.export.target import ONNX
from topwork.errors import ParameterError


@pytest.fixture(scope="module")
def network(drawn: Path, session_cache: Path) -> Any:
    return classes(drawn, "efficientnet_lite0/64")


@pytest.mark.parametrize(("to", "file"), [("onnx", "model.onnx"), ("openvino", "model.bin")])
def test_half_the_bytes_and_nearly_the_same_outputs(to, file, network, tmp_path) -> None:
    whole = tw.export_model(network, to, tmp_path / "whole")
    half = tw.export_model(network, to, tmp_path / "half", half=True)
    sizes = [(tmp_path / name / file).stat().st_size for name in ("half", "whole")]
    assert sizes[0] < 0.6 * sizes[1]
    assert whole.max_difference <= 1e-4 < half.max_difference
    told = json.loads((tmp_path / "half" / "parity.json").read_text())
    assert told["tolerance"] == 0.01
    assert told["scales"] == {"probabilities": 1.0}
    assert told["max_probability_difference"] <= 0.01
    assert "(0.01 is allowed)" in (tmp_path / "half" / "README.md").read_text()
    ran = without_topwork(tmp_path / "half", str(tmp_path / "half" / "verify.py"))
    assert ran.returncode == 0, ran.stderr


def test_what_float16_does_not_hold_is_not_written(network, tmp_path, monkeypatch) -> None:
    def coarse(graph: Any, file: Path) -> None:
        """As if three bits were left of every weight."""
        import numpy as np
        from onnx import numpy_helper

        from topwork.deployment.export.onnx_target.writing import onnx_model

        made = onnx_model(graph)
        for tensor in made.graph.initializer:
            values = numpy_helper.to_array(tensor)
            if values.dtype == np.float32 and values.size > 256:
                fraction, power = np.frexp(values)
                rounded = np.ldexp(np.round(fraction * 8) / 8, power).astype(np.float32)
                tensor.CopyFrom(numpy_helper.from_array(rounded, tensor.name))
        file.write_bytes(made.SerializeToString())

    monkeypatch.setitem(exporting.TARGETS, "onnx", replace(ONNX, write_half=coarse))
    with pytest.raises(ParityError, match=r"1\.00% is allowed") as caught:
        tw.export_model(network, "onnx", tmp_path / "out", half=True)
    assert caught.value.remedy == "Leave --half out."
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("to", ["keras", "hf"])
def test_formats_without_float16(to, network, tmp_path) -> None:
    with pytest.raises(ParameterError, match="Weights in float16 are not written for"):
        tw.export_model(network, to, tmp_path / "out", half=True)


def test_both_at_once(network, tmp_path) -> None:
    with pytest.raises(ParameterError, match="either in float16 or in 8-bit"):
        tw.export_model(network, "onnx", tmp_path / "out", half=True, int8=True)


def test_8_bits_are_asked_of_a_model_without_them(network, tmp_path, capsys) -> None:
    network.save(tmp_path / "m.topwork")
    out = tmp_path / "out"
    command = ["export", str(tmp_path / "m.topwork"), "--to", "openvino", "-o", str(out)]
    assert run([*command, "--int8", "--json"]) == 2
    error = json.loads(capsys.readouterr().out)["error"]
    assert error["code"] == "not_int8"
    assert "Fit it with --int8" in error["remedy"]
    assert not out.exists()
    assert run([*command, "--half", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["verified"]
