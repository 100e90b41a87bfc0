"""Labels that always or never occur together."""

from __future__ import annotations

import json
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy.stats import hypergeom

from topwork.cli.app import run
from topwork.data import LabelTargets
from topwork.quality.label_pairs import LEVEL, _log_probability, label_pairs


def drawn(n: int, n_labels: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return (rng.random((n, n_labels)) < rng.uniform(0.02, 0.6, n_labels)).astype(np.int8)


def named(presence: np.ndarray) -> LabelTargets:
    return LabelTargets(tuple(f"l{j}" for j in range(presence.shape[1])), presence)


def test_both_kinds_are_found_with_what_chance_would_give() -> None:
    y = drawn(200, 4, 0)
    y[:, 0] = np.arange(200) % 2
    y[:, 1] = y[:, 0]
    y[:, 2] = np.arange(200) % 4 == 0
    found = {(pair.first, pair.second): pair for pair in label_pairs(named(y))}
    assert {(pair, one.relation) for pair, one in found.items()} == {
        (("l0", "l1"), "always"),
        (("l0", "l2"), "never"),
        (("l1", "l2"), "never"),
    }
    assert found["l0", "l1"].together == 100
    assert found["l0", "l1"].expected == 50
    assert found["l0", "l2"].expected == 25


def test_independent_labels_are_rarely_named() -> None:
    alarms = sum(bool(label_pairs(named(drawn(60, 8, seed)))) for seed in range(300))
    assert alarms <= 300 * LEVEL + 3 * (300 * LEVEL) ** 0.5


def test_unknown_labels_and_copies_do_not_count() -> None:
    y = np.repeat([[1, 0], [0, 1]], 20, axis=0).astype(np.int8)
    assert label_pairs(named(y))[0].expected == 10
    assert label_pairs(named(y), np.repeat([0, 1], 20)) == ()
    y[10:20, 1] = -1
    pair = label_pairs(named(y))[0]
    assert (pair.n_first, pair.n_second) == (10, 20)


def test_both_relations_of_a_pair_count() -> None:
    for n, found in ((10, 0), (12, 1)):  # three of ten: 1 in 120, three of twelve: 1 in 220
        y = np.repeat([[int(i < 3)] for i in range(n)], 2, axis=1).astype(np.int8)
        assert len(label_pairs(named(y))) == found


def test_probabilities_are_those_of_scipy() -> None:
    rng = np.random.default_rng(0)
    n = rng.integers(2, 500, 300)
    first, second = (rng.integers(1, n) for _ in range(2))
    together = np.maximum(0, first + second - n)
    np.testing.assert_allclose(
        _log_probability(together, n, first, second),
        hypergeom.logpmf(together, n, first, second),
        rtol=1e-8,
        atol=1e-9,
    )


def test_many_labels_take_no_time() -> None:
    y = np.eye(1000, dtype=np.int8)
    started = time.process_time()
    assert label_pairs(named(y)) == ()
    assert time.process_time() - started < 2


def test_check_says_which_and_stays_clean(
    tmp_path: Path, session_cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rng, rows = np.random.default_rng(0), ["path,label"]
    for i in range(60):
        noise = rng.integers(0, 255, (16, 16, 3)).astype(np.uint8)
        Image.fromarray(noise).save(tmp_path / f"{i}.png")
        own = ["sun" if i % 2 else "night", *(["sea"] if i % 3 else [])]
        rows.append(f"{i}.png,{';'.join(own)}")
    (tmp_path / "t.csv").write_text("\n".join(rows), "utf-8")
    page = tmp_path / "c.html"
    assert run(["check", str(tmp_path / "t.csv"), "--page", str(page), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["label_pairs"]
    assert [(one["first"], one["second"], one["relation"]) for one in found] == [
        ("night", "sun", "never")
    ]
    assert "15.0 would be expected by chance" in page.read_text("utf-8")
