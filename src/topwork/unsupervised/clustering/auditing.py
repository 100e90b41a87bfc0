"""Pairs of items for somebody to judge, and what their judgement says of the clusters."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from topwork.data import MODALITIES, ModalityName
from topwork.data.json_object import JsonObject
from topwork.data.tables.table_file import TableFile
from topwork.errors import DataError
from topwork.metrics.pairwise import JudgedPairs, pairwise_scores
from topwork.metrics.records import Score
from topwork.model import ClusterModel

COLUMNS = ("first", "second", "same")

_ANSWERS = {
    **dict.fromkeys(("yes", "y", "1", "true", "same"), True),
    **dict.fromkeys(("no", "n", "0", "false", "different"), False),
}


class PairEvaluation(JsonObject):
    """What judged pairs say of a clustering.

    Attributes
    ----------
    n_within, n_between
        Pairs that were judged, inside of one cluster and of two.
    n_open
        Pairs without an answer.
    precision
        The share of all pairs inside of clusters that belong together.
    recall
        The share of the pairs that belong together that are inside of clusters.
    """

    model: str
    n_within: int
    n_between: int
    n_open: int
    precision: Score
    recall: Score


def draw_pairs(codes: NDArray[np.integer], n: int, *, seed: int) -> list[tuple[int, int]]:
    """Pairs of items to judge: half of them inside of a cluster, each kind drawn at random, mixed.

    Parameters
    ----------
    codes
        The cluster of each item.
    n
        Pairs; fewer come back where there are not enough.

    Examples
    --------
    >>> pairs = draw_pairs(np.array([0, 0, 1, 1]), 4, seed=0)
    >>> len(pairs), (0, 1) in pairs, (2, 3) in pairs
    (4, True, True)
    """
    rng = np.random.default_rng(seed)
    wanted = {True: n // 2, False: n - n // 2}
    found: dict[tuple[int, int], bool] = {}
    sizes = np.bincount(codes).astype(np.float64)
    inside = sizes * (sizes - 1)
    members = [np.flatnonzero(codes == code) for code in range(len(sizes))]
    for within, number in wanted.items():
        count = 0
        for _ in range(50 * number):
            if count == number:
                break
            if within:
                cluster = members[int(rng.choice(len(sizes), p=inside / inside.sum()))]
                first, second = rng.choice(cluster, 2, replace=False)
            else:
                first, second = rng.choice(len(codes), 2, replace=False)
            pair = (int(min(first, second)), int(max(first, second)))
            if (codes[first] == codes[second]) == within and pair not in found:
                found[pair] = within
                count += 1
    pairs = list(found)
    return [pairs[i] for i in rng.permutation(len(pairs))]


def judge_pairs(model: ClusterModel, name: str, file: TableFile) -> PairEvaluation:
    """Pairwise precision and recall of a model's clusters, from a table of judged pairs.

    Parameters
    ----------
    name
        What the model is called.
    file
        With the columns ``first``, ``second`` and ``same``.

    Raises
    ------
    DataError
        A column or all answers are missing, an answer is neither yes nor no, or an item can't be
        read.
    """
    if missing := [column for column in COLUMNS if column not in file.names]:
        raise DataError(
            f"{file.path} has no column {missing[0]!r}, so it is no table of labelled pairs.",
            remedy="topwork cluster DATA --audit 60 writes one to fill in.",
            code="missing_column",
        )
    first, second, same = ([cell or "" for cell in file.column(name)] for name in COLUMNS)
    rows = [row for row, answer in enumerate(same) if answer.strip()]
    answers = _answers([same[row] for row in rows], [file.lines[row] for row in rows])
    items = [first[row] for row in rows] + [second[row] for row in rows]
    codes = model.predict(_given(items, model.card.kind)) if rows else np.empty(0, np.int64)
    within = codes[: len(rows)] == codes[len(rows) :]
    sizes = np.bincount(model.parts.space.codes).astype(np.int64)
    n = int(sizes.sum())
    inside = int((sizes * (sizes - 1)).sum()) // 2
    parts = [
        JudgedPairs(int(some.sum()), int((answers & some).sum()), of)
        for some, of in ((within, inside), (~within, n * (n - 1) // 2 - inside))
    ]
    if not all(part.n for part in parts):
        raise DataError(
            f"{file.path} has {parts[0].n} labelled pairs within clusters and {parts[1].n} "
            "between clusters.",
            remedy="Fill in the column same (yes or no) of some of both, at best of all.",
            code="too_few_items",
        )
    precision, recall = pairwise_scores(*parts)
    return PairEvaluation(
        task="clusters",
        modality=model.card.kind,
        model=name,
        n_within=parts[0].n,
        n_between=parts[1].n,
        n_open=len(same) - len(rows),
        precision=precision,
        recall=recall,
    )


def _answers(cells: Sequence[str], lines: Sequence[int]) -> NDArray[np.bool_]:
    for cell, line in zip(cells, lines, strict=True):
        if cell.strip().lower() not in _ANSWERS:
            raise DataError(
                f"Line {line} says {cell[:50]!r}, which is neither yes nor no.",
                remedy="Write yes or no into the column same, or leave it empty.",
                code="bad_answer",
            )
    return np.array([_ANSWERS[cell.strip().lower()] for cell in cells], bool)


def _given(items: Sequence[str], kind: ModalityName) -> list[str]:
    """Texts as they are, without the blank before a formula, and paths."""
    return [item.strip() for item in items] if MODALITIES[kind].inline else list(items)
