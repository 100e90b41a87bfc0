"""A saved clustering is hostile input, too: whatever is changed in it is refused in a sentence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import topwork as tw
from tests.model.mutations import Mutation, card, copied, manifest, put, seal, tensors
from topwork.data import read_any
from topwork.errors import BundleError
from topwork.settings import ClusterSettings
from topwork.unsupervised.clustering.fitting import cluster

FILE = "clusters.safetensors"

CHANGES: dict[str, Mutation] = {
    "one cluster": card(names=["alone"]),
    "fewer names than clusters": card(names=["a", "b"]),
    "a name without end": card(names=["a", "b", "c" * 20_000]),
    "a field that there isn't": card(labels=["a", "b", "c"]),
    "a centre that is no number": tensors(FILE, put("centres", np.nan)),
    "other centres than the head's": tensors(FILE, put("centres", lambda rows: rows[::-1].copy())),
    "another mean than the head's": tensors(FILE, put("mean", lambda row: row + 1)),
    "a head of other clusters": tensors("head.safetensors", put("weight", lambda w: -w)),
    "fewer axes": tensors(FILE, put("axes", lambda axes: axes[:, 1:].copy())),
    "no least nearness": tensors(FILE, put("least", np.nan)),
    "clusters that there aren't": tensors(FILE, put("codes", lambda codes: codes + 9)),
    "keys of other items": tensors(FILE, put("keys", lambda keys: keys[1:].copy())),
    "an array of nothing": tensors(
        FILE, lambda arrays: arrays.update(more=np.zeros(3, np.float32))
    ),
    "another task": manifest(task="classes"),
    "schema 1": manifest(schema_version=1),
}


@pytest.fixture(scope="module")
def bundle(drawn: Path, session_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    settings = ClusterSettings(backbone="pixels", n_clusters=3)
    return cluster(read_any(drawn), settings).model.save(tmp_path_factory.mktemp("good") / "m")


@pytest.mark.parametrize("name", CHANGES)
def test_a_changed_clustering_is_refused_in_a_sentence(
    bundle: Path, tmp_path: Path, name: str
) -> None:
    folder = copied(bundle, tmp_path / "m")
    CHANGES[name](folder)
    seal(folder)
    with pytest.raises(BundleError) as refused:
        tw.load(folder)
    assert "\n" not in refused.value.message
    assert refused.value.remedy


def test_an_unchanged_copy_is_read(bundle: Path, tmp_path: Path) -> None:
    folder = copied(bundle, tmp_path / "m")
    seal(folder)
    assert tw.load(folder).task == "clusters"
