"""Episodes, what they leave out, and what their intervals are worth."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.metalearning.populations import accuracies, population
from topwork.cli.app import run
from topwork.errors import DataError, ParameterError
from topwork.heads.few_shot import predict_together
from topwork.metalearning import evaluate_episodes
from topwork.metalearning.episodes import EpisodeSampler, groups_by_class
from topwork.metalearning.uncertainty import over_classes, over_episodes


@pytest.mark.parametrize("queries", ["balanced", "dirichlet"])
def test_nothing_stands_on_both_sides(queries) -> None:
    codes = np.repeat(np.arange(4), 30)
    groups = np.arange(120) // 3  # three copies of each
    sampler = EpisodeSampler(groups_by_class(codes, groups), 3, 2, 6, queries)
    sizes = []
    for seed in range(200):
        episode = sampler.draw(np.random.default_rng(seed))
        assert not set(groups[episode.support]) & set(groups[episode.queries])
        assert len(set(groups[episode.support])) == len(episode.support) == 6
        assert (codes[episode.support] == episode.classes[episode.support_codes]).all()
        assert (codes[episode.queries] == episode.classes[episode.query_codes]).all()
        sizes.append(np.bincount(episode.query_codes, minlength=3))
    balanced = all(size.tolist() == [6, 6, 6] for size in sizes)
    assert balanced == (queries == "balanced")


def test_groups_of_several_classes_are_left_out() -> None:
    codes, groups = np.array([0, 0, 1, 1]), np.array([5, 5, 5, 6])
    assert [[rows.tolist() for rows in own] for own in groups_by_class(codes, groups)] == [
        [],
        [[3]],
    ]


def test_the_interval_over_classes_covers_what_other_classes_give() -> None:
    """Over 100 sets of 15 classes; the interval over episodes does not."""
    truth = np.mean([accuracies(10_000 + i, 60, n_episodes=40)[0].mean() for i in range(40)])
    covered = {"classes": 0, "episodes": 0}
    for seed in range(100):
        found, classes = accuracies(seed, 15, n_episodes=60)
        low, high = over_classes(found, classes)
        covered["classes"] += low <= truth <= high
        low, high = over_episodes(found)
        covered["episodes"] += low <= truth <= high
    assert covered["classes"] / 100 >= 0.93
    assert covered["episodes"] / 100 < 0.8, "then the wider one would not be needed"


def test_too_few_classes_say_nothing_about_others() -> None:
    assert over_classes(*accuracies(0, 5, n_episodes=50)) == (0.0, 1.0)


def test_predicting_together_gains_where_classes_are_groups() -> None:
    X, members = population(np.random.default_rng(0), 20, 25)
    gains = []
    for seed in range(60):
        sampler = EpisodeSampler(members, 5, 1, 15, "dirichlet")
        episode = sampler.draw(np.random.default_rng(seed))
        P = predict_together(X[episode.support], episode.support_codes, X[episode.queries], 5)
        assert np.allclose(P.sum(axis=1), 1)
        order = np.random.default_rng(1).permutation(len(P))
        moved = predict_together(
            X[episode.support], episode.support_codes, X[episode.queries][order], 5
        )
        assert np.allclose(moved, P[order], atol=1e-6)
        gains.append((P.argmax(axis=1) == episode.query_codes).mean())
    alone, _ = accuracies(0, 20, n_episodes=60)
    assert np.mean(gains) > alone.mean() + 0.03


@pytest.fixture(scope="module")
def shades(tmp_path_factory) -> Path:
    """Eight classes of coloured noise, 8 images each, every image twice."""
    folder = tmp_path_factory.mktemp("shades")
    rng = np.random.default_rng(0)
    colours = rng.integers(40, 216, (8, 3))
    for c, colour in enumerate(colours):
        (folder / f"c{c}").mkdir()
        for i in range(8):
            pixels = np.clip(colour + rng.normal(0, 30, (32, 32, 3)), 0, 255).astype(np.uint8)
            for copy in "ab":
                Image.fromarray(pixels).save(folder / f"c{c}" / f"{i}{copy}.png")
    return folder


def test_on_files(shades: Path, capsys) -> None:
    command = ["episodes", str(shades), "--episodes", "60", "--n-queries", "4", "--json"]
    assert run(command) == 0
    first = json.loads(capsys.readouterr().out)
    assert run(command) == 0
    again = json.loads(capsys.readouterr().out)
    assert {**first, "seconds": 0} == {**again, "seconds": 0}
    assert (first["ways"], first["n_items"], first["n_groups"]) == (5, 128, 64)
    one, five = first["shots"]
    assert (one["shots"], five["shots"]) == (1, 5)
    for found in (one, five):
        mean, classes = found["accuracy"], found["over_classes"]
        assert 0.3 < mean["low"] < mean["value"] < mean["high"] <= 1
        assert 0 <= classes["low"] < mean["value"] < classes["high"] <= 1
    assert five["accuracy"]["value"] > one["accuracy"]["value"]


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"ways": 1}, ParameterError),
        ({"shots": ()}, ParameterError),
        ({"shots": (0,)}, ParameterError),
        ({"episodes": 3}, ParameterError),
        ({"queries": "skewed"}, ParameterError),
        ({"ways": 9}, DataError),
        ({"shots": (8,)}, DataError),
    ],
)
def test_what_cannot_be_drawn_is_refused(shades: Path, wrong: dict, error: type) -> None:
    with pytest.raises(error) as refused:
        evaluate_episodes(shades, **wrong)
    assert refused.value.remedy


def test_items_without_classes_are_refused(shades: Path) -> None:
    with pytest.raises(DataError) as refused:
        evaluate_episodes(shades / "c0")
    assert refused.value.remedy
