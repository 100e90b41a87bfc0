"""Tracks of drawn objects: their identities, the lines they cross, the zones they are in."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.moving_boxes import Scene, idf1, scene
from benchmarks.tracking import tracked
from topwork.deployment.live.tracking.counting import LineCounter, ZoneCounter, in_polygon
from topwork.deployment.live.tracking.matching import best_pairs
from topwork.deployment.live.tracking.motion import boxes_at_rest, corrected, moved
from topwork.deployment.live.tracking.tracker import NO_TRACK, Tracker
from topwork.metrics.detection.detections import Detections


@cache
def _scene(seed: int) -> Scene:
    return scene(seed)


@cache
def _whole() -> float:
    return float(np.mean([idf1(s.true, tracked(s)) for s in map(_scene, range(20))]))


def test_identities_are_kept_through_gaps_and_misses() -> None:
    assert _whole() > 0.88


def test_half_of_the_frames_cost_little() -> None:
    halves = [scene(seed, every=2) for seed in range(20)]
    half = np.mean([idf1(s.true, tracked(s)) for s in halves])
    assert half >= _whole() - 0.03


def test_without_faults_nothing_is_lost() -> None:
    for seed in range(8):
        one = scene(seed, miss=0.0, false=0.0, gaps=False, jitter=0.0, n_objects=4)
        assert idf1(one.true, tracked(one)) > 0.97


def test_numbers_have_no_gaps() -> None:
    numbers = {int(n) for ids, _ in tracked(_scene(0)) for n in ids}
    assert numbers == set(range(1, len(numbers) + 1))


def test_a_track_has_one_class() -> None:
    one = _scene(3)
    tracker, classes = Tracker(), {}
    for time_s, (corners, of, scores) in zip(one.times, one.found, strict=True):
        said = tracker.update(Detections(corners, of, scores), float(time_s))
        for track, code in zip(said.tracks.tolist(), of.tolist(), strict=True):
            if track != NO_TRACK:
                assert classes.setdefault(track, code) == code


def test_spans_are_seconds_whatever_the_rate() -> None:
    """An object that is hidden for 0.8 s is the same one, and after 1.3 s another."""
    for rate in (5, 10, 25, 60):
        for hidden, same in ((0.8, True), (1.3, False)):
            tracker, ids = Tracker(), []
            for time_s in np.arange(0, 4, 1 / rate):
                there = not 2 <= time_s < 2 + hidden
                box = np.float32([[10 + 20 * time_s, 10, 60 + 20 * time_s, 60]])
                n = int(there)
                said = tracker.update(
                    Detections(box[:n], np.zeros(n, np.int64), np.full(n, 0.9, np.float32)),
                    float(time_s),
                )
                ids += [int(i) for i in said.tracks if i != NO_TRACK]
            assert (len(set(ids)) == 1) == same, (rate, hidden, set(ids))


def test_improbable_detections_begin_no_track_and_keep_one_alive() -> None:
    tracker = Tracker()
    box, low = np.float32([[10, 10, 60, 60]]), np.float32([0.2])
    for i in range(10):
        said = tracker.update(Detections(box, np.zeros(1, np.int64), low), i / 25)
        assert said.tracks.tolist() == [NO_TRACK]
    tracker.update(Detections(box, np.zeros(1, np.int64), np.float32([0.9])), 0.4)
    said = tracker.update(Detections(box, np.zeros(1, np.int64), np.float32([0.9])), 0.44)
    (track,) = said.tracks.tolist()
    for i in range(12, 90):
        said = tracker.update(Detections(box, np.zeros(1, np.int64), low), i / 25)
        assert said.tracks.tolist() == [track]


def test_memory_is_let_go() -> None:
    tracker = Tracker()
    ended: list[int] = []
    for i in range(3000):
        corners = np.float32([[i % 500, 0, i % 500 + 20, 20]]) + 40 * (i // 20)
        said = tracker.update(Detections(corners, np.zeros(1, np.int64), np.float32([0.9])), i / 25)
        ended += said.ended
    assert len(tracker._motion) < 60
    assert len(ended) == len(set(ended))


def test_velocity_is_learnt_and_used() -> None:
    motion = boxes_at_rest(np.float64([[0, 0, 20, 20]]))
    for i in range(1, 50):
        motion = corrected(moved(motion, 0.04), np.float64([[4 * i, 0, 4 * i + 20, 20]]))
    assert motion.state[0, 0, 1] == pytest.approx(100, rel=0.03)
    assert moved(motion, 0.4).corners[0, 0] == pytest.approx(4 * 49 + 40, abs=3)


@given(st.floats(0.01, 0.5), st.floats(0.01, 0.5))
def test_prediction_in_two_steps_is_one(first: float, second: float) -> None:
    motion = boxes_at_rest(np.float64([[5, 5, 45, 25], [0, 0, 3, 90]]))
    motion.state[..., 1] = [[30, -20, 0, 0], [5, 5, 0, 0]]
    once, twice = moved(motion, first + second), moved(moved(motion, first), second)
    assert np.allclose(once.state, twice.state)
    assert (twice.covariance[..., 0] > 0).all()


def test_pairs_are_worth_something() -> None:
    rows, columns = best_pairs(np.float64([[0.1, 0.9], [0.3, 0.95]]), 0.2)
    assert sorted(zip(rows.tolist(), columns.tolist(), strict=True)) == [(0, 1), (1, 0)]
    assert len(best_pairs(np.zeros((3, 0)), 0.2)[0]) == 0


def _crossings(path: np.ndarray, line: tuple[float, float, float, float]) -> tuple[int, int]:
    """How often a dense path crosses a segment, by the signs of the sides of every small step."""
    start, along = np.float64(line[:2]), np.float64(line[2:]) - np.float64(line[:2])
    to = path - start
    side = along[0] * to[:, 1] - along[1] * to[:, 0]
    share = to @ along / (along @ along)
    within = (share[1:] >= 0) & (share[1:] <= 1)
    right = int(((side[:-1] < 0) & (side[1:] >= 0) & within).sum())
    left = int(((side[:-1] >= 0) & (side[1:] < 0) & within).sum())
    return right, left


@pytest.mark.parametrize("seed", range(20))
def test_counts_are_exact_without_misses(seed: int) -> None:
    """Against the crossings of the true centres; objects turn round well beyond the line."""
    rng = np.random.default_rng(seed)
    line = (320.0, 100.0, 320.0, 380.0)
    counter, tracker = LineCounter(line), Tracker()
    n = 6
    y = 60 + 65 * np.arange(n) + rng.uniform(-5, 5, n)
    phase, period = rng.uniform(0, 2 * np.pi, n), rng.uniform(4, 9, n)
    times = np.arange(0, 12, 1 / 25)
    x = 320 + 150 * np.sin(phase + 2 * np.pi * times[:, None] / period)
    expected = np.zeros(2, int)
    for i in range(n):
        path = np.stack([x[:, i], np.full(len(times), y[i])], axis=1)
        expected += _crossings(path, line)
    for time_s, row in zip(times, x, strict=True):
        corners = np.stack([row - 20, y - 20, row + 20, y + 20], axis=1).astype(np.float32)
        found = Detections(corners, np.zeros(n, np.int64), np.full(n, 0.9, np.float32))
        said = tracker.update(found, float(time_s))
        counter.update(said.tracks.tolist(), corners)
    assert [counter.counts["left_to_right"], counter.counts["right_to_left"]] == list(expected)
    assert expected.sum() > 10


def test_who_trembles_on_the_line_crosses_it_once() -> None:
    counter, rng = LineCounter((50, 0, 50, 100)), np.random.default_rng(0)
    crossed = 0
    xs = [20, 30, 40, *(50 + rng.uniform(-0.9, 0.9, 200)), 60, 70]
    for x in xs:
        crossed += len(counter.update([1], np.float64([[x - 10, 40, x + 10, 60]])))
    assert crossed == 1


def test_who_passes_beside_the_segment_crosses_nothing() -> None:
    counter = LineCounter((50, 0, 50, 100))
    for x in range(0, 100, 5):
        assert counter.update([1], np.float64([[x - 5, 150, x + 5, 160]])) == []
    for x in (40, 60):
        counter.update([2], np.float64([[x - 5, 50, x + 5, 60]]))
    counter.forget([1, 2])
    assert counter._last == {}
    assert counter.counts == {"left_to_right": 0, "right_to_left": 1}


@given(st.integers(3, 8), st.integers(0, 10_000))
def test_a_point_is_inside_a_convex_polygon_if_it_is_a_mean_of_its_corners(n, seed) -> None:
    rng = np.random.default_rng(seed)
    angle = np.sort(rng.uniform(0, 2 * np.pi, n))
    corners = 100 + 50 * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    weights = rng.dirichlet(np.full(n, 3.0), 20)
    polygon = tuple((float(a), float(b)) for a, b in corners)
    assert in_polygon(weights @ corners, polygon).all()
    away = 100 + 60 * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    assert not in_polygon(away, polygon).any()


def test_a_zone_knows_who_is_in_it() -> None:
    counter = ZoneCounter(((0, 0), (100, 0), (100, 100), (0, 100)))

    def at(*centres: float) -> np.ndarray:
        return np.float64([[c - 5, 40, c + 5, 60] for c in centres])

    assert counter.update([1, 2], at(50, 150)) == 1
    assert counter.update([1, 2], at(150, 50)) == 1
    assert counter.update([1, 2], at(50, 50)) == 2
    assert counter.update([2], at(50)) == 2  # not seen for a moment
    counter.forget([1])
    assert counter.inside == 1
    assert counter.entered == 3
