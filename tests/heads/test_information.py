"""Unlabelled items sharpen a head, prototypes label them, neighbours pass labels on."""

from __future__ import annotations

import numpy as np

from topwork.heads import fit_logistic
from topwork.heads.alignment import standardise
from topwork.heads.information import maximise_information
from topwork.heads.linear import normalise_rows, softmax
from topwork.heads.propagation import neighbour_graph
from topwork.heads.prototypes import prototype_labels


def _domains(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    codes = rng.integers(3, size=300)
    centres = 0.5 * rng.standard_normal((3, 30))
    source = centres[codes] + rng.standard_normal((300, 30))
    target = centres[codes] + 0.7 * rng.standard_normal((300, 30)) + rng.standard_normal(30)
    return standardise(source)[0], standardise(target)[0], codes


def test_information_sharpens_a_head() -> None:
    gains = []
    for seed in range(5):
        source, target, codes = _domains(seed)
        rng = np.random.default_rng(seed)
        few = rng.permutation(300)[:15]
        head = fit_logistic(source[few], codes[few], 3)
        length = np.float32(np.linalg.norm(source, axis=1).mean())
        after = maximise_information(target, head.weight / length, head.bias)
        right = [(x.argmax(axis=1) == codes).mean() for x in (head.logits(target), after)]
        gains.append(right[1] - right[0])
        assert softmax(after).max(axis=1).mean() > head.probabilities(target).max(axis=1).mean()
    assert np.mean(gains) > 0.03


def test_prototypes_do_not_revive_a_class() -> None:
    rows = normalise_rows(np.random.default_rng(0).standard_normal((40, 5)))
    answers = np.zeros((40, 3), np.float32)
    answers[:20, 0] = answers[20:, 1] = 1
    answers[:, 2] = -1e9  # nothing is ever like it
    labels = prototype_labels(rows, softmax(answers))
    assert set(labels.tolist()) <= {0, 1}


def test_labels_go_along_neighbours() -> None:
    rng = np.random.default_rng(0)
    codes = np.arange(200) % 4
    X = 3 * np.eye(4)[codes] @ rng.standard_normal((4, 16)) + rng.standard_normal((200, 16))
    known = np.zeros((200, 4), np.float32)
    known[:8] = np.eye(4)[codes[:8]]
    spread = neighbour_graph(X).spread(known)
    assert (spread.argmax(axis=1) == codes).mean() > 0.95
    assert np.allclose(spread.sum(axis=1), 1, atol=1e-5)


def test_spreading_solves_the_equation() -> None:
    X = np.random.default_rng(0).standard_normal((30, 6))
    graph = neighbour_graph(X, n_neighbours=4)
    own = np.eye(3, dtype=np.float32)[np.arange(30) % 3]
    affinity = graph.affinity.toarray()
    exact = np.linalg.solve(np.eye(30) - 0.8 * affinity, 0.2 * own)
    exact /= exact.sum(axis=1, keepdims=True)
    assert np.allclose(affinity, affinity.T)
    assert np.abs(graph.spread(own, alpha=0.8) - exact).max() < 1e-4


def test_an_item_that_nothing_is_known_of() -> None:
    graph = neighbour_graph([[1.0, 0.0], [1.0, 0.0], [-1.0, 0.0], [-1.0, 0.0]], n_neighbours=1)
    spread = graph.spread([[1, 0], [0, 0], [0, 0], [0, 0]])
    assert spread[1].tolist() == [1, 0]
    assert spread[3].tolist() == [0.5, 0.5]
