"""Where networks run, on machines with and without a GPU."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

import topwork as tw
from topwork.backbones import POOLED, resolve
from topwork.backbones.engines import TorchEngine, choose_engine
from topwork.cli.app import run
from topwork.errors import ParameterError
from topwork.runtime import device as module
from topwork.runtime.device import chosen_device, computing_on
from topwork.training.device import Device

SMALL = "packaged:efficientnet_lite0/64"


@pytest.fixture
def two_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "n_gpus", lambda: 2)


@pytest.fixture
def no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "n_gpus", lambda: 0)


def test_the_processor_is_taken_where_it_is_asked_for(two_gpus: None) -> None:
    assert choose_engine("auto", faithful=True) == "torch"
    with computing_on("cpu"):
        assert choose_engine("auto", faithful=True) == "openvino"
        assert TorchEngine(resolve("pixels"), cut=POOLED).device == torch.device("cpu")
        assert Device("auto").device == torch.device("cpu")
    assert chosen_device() == "auto"


def test_a_gpu_is_taken_by_its_number(two_gpus: None) -> None:
    with computing_on("cuda:1"):
        assert Device("float32").device == torch.device("cuda:1")
        with (
            pytest.raises(ParameterError, match="no cuda:2: torch sees 2 GPUs"),
            computing_on("cuda:2"),
        ):
            pass
        assert chosen_device() == "cuda:1"


@pytest.mark.parametrize("name", ["gpu", "cuda:", "cuda:-1", "cuda:x", "CPU", "", "cuda:0 "])
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(ParameterError, match="device cannot be"):
        tw.ImageClassifier(device=name).fit([], [])


def test_a_missing_gpu_is_said(
    no_gpu: None, drawn: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "m.topwork"
    assert run(["fit", str(drawn), "--device", "cuda", "--out", str(out), "--json"]) == 2
    error = json.loads(capsys.readouterr().out)["error"]
    assert error["code"] == "no_gpu"
    assert not out.exists()


def test_openvino_has_no_gpu() -> None:
    with pytest.raises(ParameterError, match="runs on the processor"):
        tw.ImageClassifier(device="cuda", engine="openvino").fit([], [])


def test_the_processor_gives_what_auto_gives_there(
    no_gpu: None, drawn: Path, session_cache: Path
) -> None:
    found = [
        tw.ImageClassifier(SMALL, device=device, baselines=False, n_folds=2).fit(drawn).model_
        for device in ("auto", "cpu")
    ]
    assert found[0].identity == found[1].identity


def test_the_environment_says_it_to_other_processes(
    monkeypatch: pytest.MonkeyPatch, two_gpus: None
) -> None:
    monkeypatch.setenv("TOPWORK_DEVICE", "cpu")
    assert choose_engine("auto", faithful=True) == "openvino"
    monkeypatch.setenv("TOPWORK_DEVICE", "gpu")
    with pytest.raises(ParameterError, match="device cannot be"):
        chosen_device()
