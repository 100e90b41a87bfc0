"""Files that would run code or read elsewhere, offered as networks, models and data."""

from __future__ import annotations

import json
import os
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from safetensors.torch import save_file

from tests.backbones.graph_files import write
from tests.language import model_folder
from topwork.backbones import resolve
from topwork.cli.app import run
from topwork.errors import BackboneError


class Payload:
    """Makes a folder when it is unpickled."""

    def __init__(self, canary: Path) -> None:
        self._canary = canary

    def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
        return os.mkdir, (str(self._canary),)


def _pickle(file: Path, canary: Path) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(pickle.dumps(Payload(canary)))
    return file


def _torch(file: Path, canary: Path) -> Path:
    torch.save({"weight": Payload(canary)}, file)
    return file


def _transformers(folder: Path, canary: Path) -> str:
    model_folder(folder)
    weights = folder / "model.safetensors"
    assert weights.is_file()
    weights.unlink()
    _torch(folder / "pytorch_model.bin", canary)
    return f"transformers:mine@{folder}"


def _own_code(folder: Path, canary: Path) -> str:
    model_folder(folder)
    config = json.loads((folder / "config.json").read_text())
    config |= {
        "model_type": "mine",
        "auto_map": {"AutoConfig": "mine.Config", "AutoModel": "mine.Model"},
    }
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "mine.py").write_text(f"import os\nos.mkdir({str(canary)!r})\n")
    return f"transformers:mine@{folder}"


def _keras(folder: Path, canary: Path) -> str:
    """A layer with Python code, as Keras 3 would save it."""
    folder.mkdir()
    code = f"__import__('os').mkdir({str(canary)!r})"
    layer = {
        "module": "keras.layers",
        "class_name": "Lambda",
        "config": {
            "name": "odd",
            "function": {"class_name": "__lambda__", "config": {"code": code}},
        },
        "registered_name": None,
    }
    config = {
        "module": "keras",
        "class_name": "Sequential",
        "config": {"name": "mine", "layers": [layer]},
        "registered_name": None,
    }
    with zipfile.ZipFile(folder / "mine.keras", "w") as archive:
        archive.writestr("config.json", json.dumps(config))
        archive.writestr("metadata.json", json.dumps({"keras_version": "3.12.0"}))
        archive.writestr("model.weights.h5", b"")
    return f"keras:mine@{folder / 'mine.keras'}"


def _own(folder: Path, canary: Path) -> str:
    _pickle(folder / "weights.safetensors", canary)
    _pickle(folder / "recipe.json", canary)
    return f"own:@{folder}"


NETWORKS: dict[str, Callable[[Path, Path], str]] = {
    "a pickle": lambda f, c: f"timm:resnet18@{_pickle(f / 'a.pth', c)}",
    "a pickle called safetensors": lambda f, c: f"timm:resnet18@{_pickle(f / 'a.safetensors', c)}",
    "an archive of torch": lambda f, c: f"timm:resnet18@{_torch(_made(f) / 'a.pt', c)}",
    "such safetensors": lambda f, c: f"timm:resnet18@{_torch(_made(f) / 'b.safetensors', c)}",
    "weights of Keras": lambda f, c: f"keras:resnet50@{_pickle(f / 'a.weights.h5', c)}",
    "a layer with code": _keras,
    "a folder with pytorch_model.bin": _transformers,
    "a folder with code": _own_code,
    "static vectors": lambda f, c: f"model2vec:mine@{_pickle(f / 'model.safetensors', c).parent}",
    "a backbone of one's own": _own,
    "a frozen graph": lambda f, c: f"savedmodel:mine@{_pickle(f / 'a.pb', c)}",
    "a SavedModel": lambda f, c: f"savedmodel:mine@{_pickle(f / 'saved_model.pb', c).parent}",
    "an ONNX file": lambda f, c: f"savedmodel:mine@{_pickle(f / 'a.onnx', c)}",
    "a TensorFlow Lite file": lambda f, c: f"savedmodel:mine@{_pickle(f / 'a.tflite', c)}",
}  # fmt: skip


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def test_the_payloads_would_act(tmp_path: Path) -> None:
    pickle.loads(_pickle(tmp_path / "a.pkl", tmp_path / "canary").read_bytes())
    assert (tmp_path / "canary").is_dir()


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_that_would_run_code_is_refused(
    name: str, drawn: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    canary = tmp_path / "canary"
    backbone = NETWORKS[name](tmp_path / "given", canary)
    out = tmp_path / "m.topwork"
    asked = ["fit", str(drawn), "--backbone", backbone, "--out", str(out), "--no-cache", "--json"]
    assert run(asked) == 2
    error = json.loads(capsys.readouterr().out)["error"]
    assert error["message"]
    assert error["remedy"]
    assert not canary.exists()
    assert not out.exists()


@pytest.mark.parametrize("name", ["m.pkl", "m.joblib", "m.pt", "m.topwork", "m.safetensors"])
def test_a_file_as_a_model_is_refused(name: str, drawn: Path, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    file = _pickle(tmp_path / name, canary)
    assert run(["predict", str(file), str(drawn), "--json"]) == 2
    assert not canary.exists()


@pytest.mark.parametrize("name", ["a.pkl", "a.npy", "a.csv", "a.parquet", "a.xlsx", "a.npz"])
def test_a_file_as_data_is_refused(name: str, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    file = _pickle(tmp_path / name, canary)
    if name.endswith((".npy", ".npz")):
        with file.open("wb") as stream:
            np.save(stream, np.array([Payload(canary)], object), allow_pickle=True)
    assert run(["fit", str(file), "--out", str(tmp_path / "m.topwork"), "--json"]) == 2
    assert not canary.exists()


ARCHIVES: dict[str, tuple[dict[str, bytes], str]] = {
    "above": ({"config.json": b"{}", "../evil.txt": b"x"}, "outside of it"),
    "absolute": ({"config.json": b"{}", "/tmp/evil.txt": b"x"}, "outside of it"),
    "backslashes": ({"config.json": b"{}", "..\\evil.txt": b"x"}, "outside of it"),
    "a bomb": ({"config.json": b"{}", "model.weights.h5": bytes(50_000_000)}, "times its size"),
    "a bomb of JSON": ({"config.json": bytes(70_000_000)}, "more than 64 MB"),
    "many files": ({f"{n}": b"" for n in range(10_001)}, "holds 10,001 files"),
    "nested brackets": ({"config.json": b"[" * 200_000}, "can load"),
    "no model": ({"config.json": b"{}"}, "can load"),
    "nothing": ({}, "can load"),
}


@pytest.mark.parametrize("name", ARCHIVES)
def test_an_archive_is_looked_at_before_it_is_unpacked(name: str, tmp_path: Path) -> None:
    contents, said = ARCHIVES[name]
    file = tmp_path / "a.keras"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in contents.items():
            archive.writestr(member, content)
    with pytest.raises(BackboneError, match=said):
        resolve(f"keras:mine@{file}").load()
    assert {path.name for path in tmp_path.iterdir()} == {"a.keras"}


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_an_archive_with_a_name_twice_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.keras"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("config.json", "{}")
        archive.writestr("config.json", "[]")
    with pytest.raises(BackboneError, match="twice"):
        resolve(f"keras:mine@{file}").load()


def _with_external_data(file: Path, location: str) -> Path:
    """The kernel of a graph as bytes of another file."""
    model = onnx.load(write(file))
    kernel = next(one for one in model.graph.initializer if one.name == "kernel")
    size = len(kernel.raw_data)
    kernel.ClearField("raw_data")
    kernel.data_location = onnx.TensorProto.EXTERNAL
    for key, value in (("location", location), ("offset", "0"), ("length", str(size))):
        kernel.external_data.add(key=key, value=value)
    file.write_bytes(model.SerializeToString())
    return file


PLACES: dict[str, Callable[[Path, Path], str]] = {
    "beside it": lambda folder, secret: _linked(folder / "k.bin", secret, os.link),
    "above": lambda folder, secret: f"../{secret.name}",
    "far above": lambda folder, secret: "../" * 12 + str(secret).lstrip("/"),
    "absolute": lambda folder, secret: str(secret),
    "a symbolic link": lambda folder, secret: _linked(folder / "k.bin", secret, os.symlink),
}


def _linked(link: Path, secret: Path, how: Callable[[Any, Any], None]) -> str:
    how(secret, link)
    return link.name


@pytest.mark.parametrize("name", PLACES)
def test_a_graph_reads_no_other_file(name: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret.bin"
    secret.write_bytes(np.zeros(8 * 3 * 3 * 3, np.float32).tobytes())
    folder = _made(tmp_path / "model")
    file = _with_external_data(folder / "a.onnx", PLACES[name](folder, secret))
    with pytest.raises(BackboneError, match="external data") as caught:
        resolve(f"savedmodel:mine/0..1@{file}").load()
    assert caught.value.code == "no_model"


def test_good_weights_in_the_right_format_are_taken(tmp_path: Path) -> None:
    """What the refused files are held against."""
    import timm

    network = timm.create_model("resnet18", num_classes=0)
    save_file(network.state_dict(), tmp_path / "a.safetensors")
    assert resolve(f"timm:resnet18@{tmp_path / 'a.safetensors'}").load() is not None
