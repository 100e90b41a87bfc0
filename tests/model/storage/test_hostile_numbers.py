"""A saved regressor is hostile input, too: whatever is changed in it is refused in a sentence."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

import topwork as tw
from tests.model.mutations import seal
from tests.model.storage.test_golden import unpacked
from topwork.errors import BundleError

Change = Callable[[Path], None]


def card(**changes: Any) -> Change:
    """Set fields of model.json, ``part__field`` for those of a part."""

    def change(folder: Path) -> None:
        content = json.loads((folder / "model.json").read_text())
        for name, value in changes.items():
            *parts, last = name.split("__")
            inner = content
            for part in parts:
                inner = inner[part]
            inner[last] = value
        (folder / "model.json").write_text(json.dumps(content))

    return change


def tensors(file: str, **changes: Any) -> Change:
    def change(folder: Path) -> None:
        arrays = load_file(folder / file)
        save_file({**arrays, **changes}, folder / file)

    return change


def manifest(**changes: Any) -> Change:
    def change(folder: Path) -> None:
        content = json.loads((folder / "manifest.json").read_text())
        (folder / "manifest.json").write_text(json.dumps({**content, **changes}))

    return change


CHANGES: dict[str, Change] = {
    "a scale of 0": card(transform__scale=0.0),
    "a location that is too large": card(transform__location=1e301),
    "no range": card(transform__least=5.0, transform__most=5.0),
    "a logarithm of what is below 0": card(transform__name="log", transform__least=-1.0),
    "an unknown scale": card(transform__name="cube"),
    "ranks without knots": card(transform__name="rank"),
    "knots that go back": card(
        transform__name="rank", transform__numbers=[1.0, 0.0], transform__scores=[0.0, 1.0]
    ),
    "knots of two lengths": card(
        transform__name="rank", transform__numbers=[1.0, 2.0], transform__scores=[0.0]
    ),
    "too many knots": card(
        transform__name="rank",
        transform__numbers=list(range(10_000)),
        transform__scores=list(range(10_000)),
    ),
    "knots that nothing uses": card(transform__numbers=[1.0], transform__scores=[1.0]),
    "a factor below 0": card(intervals__factor=-1.0),
    "an error rate above 1": card(intervals__error_rate=1.5),
    "logarithms that overflow": card(intervals__most=1e6),
    "a field that there isn't": card(labels=["a", "b"]),
    "an infinite head": tensors("head.safetensors", bias=np.array([np.inf, 0], np.float32)),
    "a head of three outputs": tensors("head.safetensors", bias=np.zeros(3, np.float32)),
    "another head than the graph's": tensors("head.safetensors", bias=np.zeros(2, np.float32)),
    "fewer codes than items": tensors("training.safetensors", codes=np.zeros(3, np.int32)),
    "bins that there aren't": tensors("training.safetensors", codes=np.full(24, 99, np.int32)),
    "sketches of other items": tensors("training.safetensors", sketches=np.zeros((5, 99), np.int8)),
    "rows that aren't as wide as the network's": tensors(
        "training.safetensors",
        rehearsal=np.zeros((2, 1), np.float16),
        rehearsal_codes=np.zeros(2, np.int32),
        rehearsal_groups=np.zeros(2, np.int32),
    ),
    "rows without bins": tensors("training.safetensors", rehearsal=np.zeros((2, 3), np.float16)),
    "rows of bins that there aren't": tensors(
        "training.safetensors", rehearsal_codes=np.full(2, 99, np.int32)
    ),
    "a number that is none": tensors("training.safetensors", numbers=np.full(24, np.nan)),
    "an unknown task": manifest(task="boxes"),
    "another task": manifest(task="classes"),
    "schema 1": manifest(schema_version=1),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_changed_regressor_is_refused(name: str, tmp_path: Path) -> None:
    folder = unpacked("schema2-image-numbers", tmp_path)
    CHANGES[name](folder)
    seal(folder)
    with pytest.raises(BundleError):
        tw.load(folder)
