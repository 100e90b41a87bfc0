"""Datasets keep items and what belongs to them together."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from topwork.data import ClassTargets, Dataset, Item
from topwork.errors import DataError


def made(n: int = 4) -> Dataset:
    return Dataset(
        items=[Item(f"{index}.jpg") for index in range(n)],
        targets=ClassTargets.from_labels(["b", "a", "c", "a"][:n]),
        groups=np.arange(n),
        domains=np.array(list("xyxy"[:n])),
    )


def test_take_keeps_everything_together():
    taken = made().take([3, 0])
    assert [item.name for item in taken.items] == ["3.jpg", "0.jpg"]
    assert taken.targets.values() == ["a", "b"]
    assert taken.targets.labels == ("a", "b", "c")
    assert taken.groups.tolist() == [3, 0]
    assert taken.domains.tolist() == ["y", "x"]
    assert len(taken) == 2
    assert taken.n_classes == 3


def test_take_a_mask_or_nothing():
    assert [item.name for item in made().take([True, False, False, True]).items] == [
        "0.jpg",
        "3.jpg",
    ]
    assert len(made().take([])) == 0
    assert Dataset([Item("a")]).take([0]).targets is None
    assert Dataset([Item("a")]).n_classes == 0


@pytest.mark.parametrize("name", ["targets", "groups", "domains"])
def test_lengths_must_agree(name):
    values = ClassTargets.from_labels(["a"]) if name == "targets" else np.zeros(1)
    with pytest.raises(DataError, match=f"2 items but 1 {name}"):
        Dataset([Item("a"), Item("b")], **{name: values})


@given(st.lists(st.one_of(st.text(min_size=1)), min_size=1) | st.lists(st.integers(), min_size=1))
def test_codes_and_labels_say_the_same(labels):
    targets = ClassTargets.from_labels(labels)
    assert targets.values() == labels
    assert list(targets.labels) == sorted(set(labels))
    assert targets.codes.dtype == np.int64
    assert targets.counts().sum() == len(targets) == len(labels)
    assert targets.counts().min() > 0
