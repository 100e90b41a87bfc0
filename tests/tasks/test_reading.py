"""How labels are read: as classes or numbers, never silently."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from topwork.data import ClassTargets, Dataset, NumberTargets, read
from topwork.errors import DataError, ParameterError
from topwork.tasks.reading import interpreted


def labelled(labels: list[Any]) -> Dataset:
    return read([f"{i}.jpg" for i in range(len(labels))], labels)


def test_many_different_numbers_are_numbers_and_that_is_said() -> None:
    found = interpreted(labelled([0.37 * i for i in range(60)]))
    assert isinstance(found.targets, NumberTargets)
    assert "60 different numbers" in found.hints[-1]
    assert "--task classes" in found.hints[-1]


def test_few_integers_stay_classes_and_that_is_said() -> None:
    found = interpreted(labelled([1, 2, 3, 4, 5] * 20))
    assert isinstance(found.targets, ClassTargets)
    assert "--task number" in found.hints[-1]


@pytest.mark.parametrize("labels", [["cat", "dog"] * 9, [0, 1] * 9, [True, False] * 9])
def test_of_plain_classes_nothing_is_said(labels: list[Any]) -> None:
    assert interpreted(labelled(labels)).hints == ()


def test_the_user_has_the_last_word() -> None:
    few = interpreted(labelled([1, 2, 3] * 20), "number")
    assert few.numbers[:3].tolist() == [1, 2, 3]
    many = interpreted(labelled([0.37 * i for i in range(60)]), "classes")
    assert isinstance(many.targets, ClassTargets)
    assert many.targets.certain


def test_gaps_are_left_out_and_words_refused() -> None:
    found = interpreted(labelled(["1.5", "nan", "2.5", "n/a"]), "number")
    assert (found.numbers.tolist(), sum(found.ignored.values())) == ([1.5, 2.5], 2)
    with pytest.raises(DataError, match=r"1 of 3 labels are not numbers, such as 'large'"):
        interpreted(labelled(["1.5", "large", "2.5"]), "number")


@pytest.mark.parametrize(
    ("written", "numbers"),
    [
        (["1,5", "2,25"], [1.5, 2.25]),
        (["1,250,000", "17"], [1250000, 17]),
        (["$ 3.50", "$4"], [3.5, 4]),
        (["12 kg", "3 kg"], [12, 3]),
        (["1e3", "-2.5E-1", ".5"], [1000, -0.25, 0.5]),
    ],
)
def test_numbers_as_people_write_them(written: list[str], numbers: list[float]) -> None:
    assert interpreted(labelled(written), "number").numbers.tolist() == numbers


@pytest.mark.parametrize("written", [["1,250", "2,500"], ["3 kg", "3 g"], ["inf", "1"]])
def test_numbers_that_can_mean_two_things_are_refused(written: list[str]) -> None:
    with pytest.raises(DataError):
        interpreted(labelled(written), "number")


def test_an_unknown_task_is_named() -> None:
    with pytest.raises(ParameterError, match="'price'"):
        interpreted(labelled([1, 2]), "price")  # type: ignore[arg-type]


def test_integers_beside_floats_are_numbers() -> None:
    assert interpreted(labelled([1, 2.5, np.float32(3)]), "number").numbers.tolist() == [1, 2.5, 3]


NUMBERS = [f"{0.5 + 0.37 * i:.2f}" for i in range(60)]


def test_a_word_among_numbers_does_not_make_classes_of_them() -> None:
    """One cell of 61 turned a column of numbers into 61 classes without a word."""
    with pytest.raises(DataError, match="1 of 61 labels are not numbers, such as 'unbekannt'"):
        interpreted(labelled([*NUMBERS, "unbekannt"]))
    assert interpreted(labelled([*NUMBERS, "unbekannt"]), "classes").n_classes == 61


def test_a_cell_that_says_that_a_number_is_missing_leaves_its_item_out() -> None:
    data = interpreted(labelled([*NUMBERS, "n/a"]))
    assert len(data) == 60
    assert isinstance(data.targets, NumberTargets)


def test_many_words_among_numbers_are_told_of() -> None:
    data = interpreted(labelled([*NUMBERS, *["unknown"] * 12]))
    assert data.n_classes == 61
    assert "60 of 61 distinct labels are numbers, but not 'unknown'" in " ".join(data.hints)


def test_words_with_some_numbers_are_classes_without_a_remark() -> None:
    assert interpreted(labelled(["a", "b", "c", "7", "8"] * 3)).hints == ()
    assert interpreted(labelled(["1 star", "2 star", "3 star", "none"] * 3)).hints == ()
