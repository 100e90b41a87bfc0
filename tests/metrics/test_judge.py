import time

import numpy as np
import pytest
from pydantic import ValidationError

from topwork.errors import DataError, ParameterError
from topwork.metrics import Judgement, judge


@pytest.fixture
def judgement():
    codes = np.array([0, 0, 0, 1, 1, 1])
    predicted = np.array([0, 0, 1, 1, 1, 1])
    return judge(codes, np.eye(3)[predicted] * 0.9 + 0.1 / 3, ["a", "b", "c"])


def test_each_class_has_its_scores(judgement):
    a, b, c = judgement.per_class
    assert (a.label, a.n, a.precision.value) == ("a", 3, 1)
    assert a.recall.value == pytest.approx(2 / 3)
    assert (b.precision.value, b.recall.value) == (0.75, 1)
    assert (c.n, c.precision, c.recall) == (0, None, None)


def test_a_class_never_predicted_has_no_precision():
    judged = judge(np.array([0, 1]), np.array([[0.9, 0.1], [0.9, 0.1]]), ["a", "b"])
    assert judged.per_class[1].precision is None
    assert judged.per_class[1].recall.value == 0


def test_a_judgement_survives_json(judgement):
    assert Judgement.model_validate_json(judgement.model_dump_json()) == judgement


def test_a_judgement_cannot_be_changed(judgement):
    with pytest.raises(ValidationError, match="frozen"):
        judgement.scores = None


def test_groups_widen_the_intervals_of_classes():
    codes = np.arange(60) % 2
    probabilities = np.eye(2)[np.where(np.arange(60) < 12, 1 - codes, codes)]
    free, tied = (
        judge(codes, probabilities, ["a", "b"], groups=g).per_class[0].recall
        for g in (None, np.arange(60) // 6)
    )
    assert free.value == tied.value
    assert tied.high - tied.low > free.high - free.low


def test_many_items_and_classes_are_quick():
    rng = np.random.default_rng(0)
    codes = np.arange(3000) % 101
    probabilities = rng.dirichlet(np.ones(101), 3000)
    begun = time.process_time()
    judge(codes, probabilities, [str(c) for c in range(101)], groups=np.arange(3000) // 2)
    assert time.process_time() - begun < 0.5


def test_shapes_must_agree():
    with pytest.raises(ParameterError, match="shape"):
        judge(np.array([0, 1]), np.ones((2, 3)) / 3, ["a", "b"])


def test_no_items_cannot_be_judged():
    with pytest.raises(DataError, match="no items"):
        judge(np.zeros(0, dtype=int), np.zeros((0, 2)), ["a", "b"])
