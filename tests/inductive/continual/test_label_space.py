"""Labels of a model and of new data, as one list of classes."""

from __future__ import annotations

import pytest

from topwork.errors import DataError
from topwork.inductive.continual.label_space import unite


def test_labels_are_united() -> None:
    found = unite(["b", "a"], ("a", "c"))
    assert (found.labels, found.n_old, found.of_new.tolist()) == (("b", "a", "c"), 2, [1, 2])
    assert found.warnings == ()
    numbers = unite([3, 1], ("1", "7"))
    assert (numbers.labels, numbers.of_new.tolist()) == ((3, 1, 7), [1, 2])
    with pytest.raises(DataError, match="another type"):
        unite([3, 1], ("cat",))


def test_blanks_around_a_label_are_no_part_of_it() -> None:
    found = unite(["Cat", "dog"], (" Cat", "owl"))
    assert (len(found.labels), found.of_new.tolist(), found.warnings) == (3, [0, 2], ())


@pytest.mark.parametrize("label", ["cat", "CAT"])
def test_labels_that_look_alike_are_two_classes_and_said_so(label: str) -> None:
    found = unite(["Cat", "dog"], (label, "owl"))
    assert len(found.labels) == 4
    assert found.warnings == (f"'Cat' and {label!r} are treated as two classes.",)
