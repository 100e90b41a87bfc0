"""Places along an axis."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from topwork.errors import ParameterError
from topwork.metrics.records import Score
from topwork.report.confusions import confusions_of
from topwork.report.scale import label_scale, scale_for, share_scale

SHARE = st.floats(0, 1)
SCORES = st.lists(
    st.tuples(SHARE, SHARE, SHARE)
    .map(sorted)
    .map(lambda t: Score(low=t[0], value=t[1], high=t[2])),
    min_size=1,
    max_size=20,
)


@given(SCORES)
def test_every_score_has_its_place(scores: list[Score]) -> None:
    scale = scale_for(scores)
    for s in scores:
        assert scale.low - 1e-9 <= s.low
        assert s.high is not None
        assert s.high <= scale.high + 1e-9
        assert 0 <= scale.at(s.low) <= scale.at(s.value) <= scale.at(s.high) <= 100
    assert 2 <= len(scale.ticks) <= 8
    assert [t.at for t in scale.ticks] == sorted({t.at for t in scale.ticks})
    assert len({t.text for t in scale.ticks}) == len(scale.ticks)
    assert 0 <= scale.low < scale.high <= 1


@given(st.lists(st.floats(1, 1e5), min_size=1, max_size=9))
def test_labels_double_from_tick_to_tick(places: list[float]) -> None:
    scale = label_scale(places)
    at = [t.at for t in scale.ticks]
    assert at == sorted(set(at))
    assert all(0 <= scale.at(p) <= 100 for p in places)


def test_an_interval_without_an_end_reaches_the_end() -> None:
    assert share_scale().at(None) == 100


@pytest.mark.parametrize("scores", [[], [None], [Score(value=math.nan, low=math.nan, high=None)]])
def test_nothing_to_show_gives_the_whole_axis(scores: list[Score | None]) -> None:
    assert scale_for(scores) == share_scale()


def test_confusions_need_a_square() -> None:
    with pytest.raises(ParameterError, match=r"\(2, 2\)"):
        confusions_of(["a", "b"], np.zeros((2, 3), int))


def test_many_classes_keep_their_pairs_only() -> None:
    counts = np.eye(40, dtype=int)
    counts[3, 7] = 5
    confusions = confusions_of([str(i) for i in range(40)], counts)
    assert confusions.counts == ()
    assert [(p.truth, p.predicted, p.n, p.of) for p in confusions.pairs] == [("3", "7", 5, 6)]
