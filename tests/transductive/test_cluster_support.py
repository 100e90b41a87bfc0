"""Whether clusters of a new domain support that all classes are there."""

from __future__ import annotations

import numpy as np
import pytest

from topwork.heads import fit_logistic
from topwork.heads.linear import normalise_rows
from topwork.transductive.candidates.cluster_support import clusters_support_all, matched_share
from topwork.transductive.candidates.presence import presence_in
from topwork.transductive.candidates.space import AS_IT_IS, Space

K, WIDE = 6, 128
LABELS = tuple("abcdef")


def _space(
    rng: np.random.Generator, present: list[int], n: int, shift: float, offset: float = 1.0
) -> Space:
    """Clusters of a domain whose axes are partly another's: a model is right on some of them."""
    centres = rng.normal(size=(K, WIDE))
    moved = (
        (1 - shift) * centres + shift * rng.normal(size=(K, WIDE)) + offset * rng.normal(size=WIDE)
    )
    codes = np.repeat(np.arange(K), 40)
    theirs = rng.choice(present, n)
    source = centres[codes] + 0.8 * rng.normal(size=(len(codes), WIDE)) + 2
    target = moved[theirs] + 0.8 * rng.normal(size=(n, WIDE)) + 2
    head = fit_logistic(normalise_rows(np.float32(source)), codes, K)
    return Space(AS_IT_IS, np.float32(source), codes, np.float32(target), K, head=head)


def test_clusters_of_all_classes_support_them() -> None:
    rng = np.random.default_rng(0)
    found = [clusters_support_all(_space(rng, list(range(K)), 240, 0.3)) for _ in range(2)]
    assert sum(match is not None for match in found) >= 1


@pytest.mark.parametrize("n_present", [1, 3])
def test_a_class_that_is_split_does_not(n_present: int) -> None:
    rng = np.random.default_rng(n_present)
    for _ in range(2):
        present = rng.permutation(K)[:n_present].tolist()
        assert clusters_support_all(_space(rng, present, 120, 0.3)) is None


def test_clusters_decide_where_predictions_leave_it_open() -> None:
    """A model that is confidently wrong of a domain in which all classes are there."""
    for offset in (2.0, 4.0):
        space = _space(np.random.default_rng(2), list(range(K)), 240, 0.9, offset)
        found = presence_in(space, LABELS)
        assert found.balanced_agreement < found.agreement - 0.3  # predictions leave it open
        assert found.verdict == "all"
        assert "clusters" in found.sentence
        assert found.present == LABELS
        assert found.priors == tuple(space.source_priors)


def test_the_match_is_of_the_best_assignment() -> None:
    clusters = np.array([2, 2, 0, 0, 1, 1])
    assert matched_share(clusters, np.array([0, 0, 1, 1, 2, 2])) == 1
    assert matched_share(clusters, np.array([0, 0, 0, 1, 2, 2])) == pytest.approx(5 / 6)
