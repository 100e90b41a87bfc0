"""Every kind of task can be pickled, and gives the same here and in other processes."""

from __future__ import annotations

import math
import pickle
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from sklearn.datasets import load_digits
from threadpoolctl import threadpool_limits

from topwork.backbones import resolve
from topwork.data import Dataset, Item, read, standard_views
from topwork.data.images.image_size import image_size
from topwork.features import Extraction, MemoryStore, ViewRequest, extract_views
from topwork.features.opened_backbone import OpenedBackbone, open_backbone, read_once
from topwork.heads import SelfTraining
from topwork.heads.logistic import LogisticProblem
from topwork.novelty.unknown import fit_unknown
from topwork.quality.item_fingerprints import fingerprints_of
from topwork.runtime.executor import Executor, LocalExecutor, ProcessExecutor, running_on
from topwork.runtime.progress import Progress, no_steps, silent
from topwork.runtime.run_context import RunContext
from topwork.search.rungs.state import SearchState
from topwork.search.rungs.wider import DEPTHS
from topwork.search.search_context import SearchContext
from topwork.settings import FitSettings
from topwork.tasks.feature_rows import FixedRows
from topwork.tasks.number.nested import nested_numbers
from topwork.trials.comparison import ModelComparison
from topwork.trials.trial import Trial, judged, transfer_from
from topwork.trials.word_features import words_in
from topwork.validation.learning_curve import learning_curve, logistic_judge
from topwork.validation.nested_words import nested_words
from topwork.validation.self_trained import cross_validate_self_training

SETTINGS = FitSettings(backbone="packaged:efficientnet_lite0/64", baselines=False, cache=False)
FOLDS = np.arange(60) % 5
DIVISIONS = np.stack([FOLDS, np.arange(60) // 3 % 5])


class CountingProcesses(ProcessExecutor):
    """Other processes, which count their tasks."""

    n_tasks = 0

    def map(
        self, function: Callable[[Any], Any], tasks: Sequence[Any], progress: Progress = silent
    ) -> list[Any]:
        self.n_tasks += len(tasks)
        return super().map(function, tasks, progress)


@pytest.fixture(scope="module")
def processes(session_cache: Path) -> Iterator[CountingProcesses]:
    with CountingProcesses(2) as executor:
        yield executor


class Known(NamedTuple):
    """Sixty written digits, 0 to 2, and what a network makes of them."""

    data: Dataset
    opened: OpenedBackbone
    probe: Trial

    @property
    def rows(self) -> Any:
        return self.probe.frozen.features

    @property
    def codes(self) -> Any:
        assert self.data.classes is not None
        return self.data.classes.codes


@pytest.fixture(scope="module")
def known(session_cache: Path) -> Known:
    digits = load_digits(n_class=3)
    images = (15 * digits.images[:60]).astype(np.uint8).repeat(4, axis=1).repeat(4, axis=2)
    data = read(list(images), [str(digit) for digit in digits.target[:60]])
    opened = open_backbone(SETTINGS.backbone_name, SETTINGS)
    part = opened.part(data, read_once(data, opened.request, max_bad=0.0, progress=silent))
    probe = judged(transfer_from(opened.backbone.name), part, FOLDS[None], SETTINGS)
    return Known(data, opened, probe)


def _said(found: Extraction) -> list[Any]:
    rejected = [(one.path, one.reason) for one in found.rejected]
    counts = [found.computed, found.cached, found.cut_short]
    return [found.kept, found.keys, rejected, counts, found.remarks, found.measured]


def _with_bad(data: Dataset) -> Dataset:
    """With one that is not there, and the first one again."""
    gone = Item("gone.png", Path("gone.png"))
    return Dataset([*data.items[:30], gone, *data.items[30:], data.items[0]], kind=data.kind)


def _features(known: Known, *, cache: bool) -> list[Any]:
    opened = open_backbone(SETTINGS.backbone_name, replace(SETTINGS, cache=cache))
    beside, data = fingerprints_of("image", keep=False), _with_bad(known.data)
    found = read_once(
        data, opened.request, extra_requests=[beside.request], max_bad=0.1, progress=silent
    )
    stores = opened.request.store, beside.request.store
    return [*_said(found), *(store.read(found.keys) for store in stores)]


def _views(known: Known) -> list[Any]:
    store, views = MemoryStore("bfloat16"), standard_views(2)
    opened, data = known.opened, _with_bad(known.data)
    request = ViewRequest(views, opened.framing, opened.engine, store, opened.graph.shapes[0])
    found = extract_views(data.items, request, kind=data.kind, measure=image_size)
    return [*_said(found), *(store.read(found.keys, view) for view in views)]


def _head(known: Known) -> list[Any]:
    found = judged(known.probe.candidate, known.probe.frozen, DIVISIONS, SETTINGS)
    return [found.probabilities, found.head.linear.weight, found.head.C_of_fold]


def _self_trained(known: Known) -> list[Any]:
    rows, codes = known.rows[:40], known.codes[:40]
    training = SelfTraining.prepare(rows, codes, known.rows[40:], 3)
    heads = cross_validate_self_training(training, rows, codes, folds=DIVISIONS[:, :40])
    return [head.logits_oof for head in heads]


def _numbers(known: Known) -> list[Any]:
    found = nested_numbers(FixedRows(known.rows), known.codes.astype(float), FOLDS)
    return [found.predicted, found.whole.predict(known.rows)]


def _words(known: Known) -> list[Any]:
    texts = [f"{name} and {i % 7}" for i, name in enumerate(np.array(list("abc"))[known.codes])]
    words = words_in(texts)
    found = nested_words(words.presence, known.codes, 3, fewest=words.fewest, folds=FOLDS)
    return [found.logits, found.whole.weight]


def _curve(known: Known) -> list[Any]:
    judge = logistic_judge(LogisticProblem.prepare(known.rows, known.codes, 3), 1.0)
    return [learning_curve(judge, known.codes, folds=FOLDS)]


def _unknown(known: Known) -> list[Any]:
    found = fit_unknown(known.rows, known.codes, folds=FOLDS)
    return [found.threshold, found.unknown(known.rows)]


def _rung(known: Known) -> list[Any]:
    comparison = ModelComparison(FOLDS[None], np.arange(60))
    context = SearchContext(known.data, comparison, RunContext(SETTINGS))
    found = DEPTHS.run(SearchState(known.probe, context))
    assert isinstance(found, Trial)
    return [found.frozen.features, found.probabilities, found.head.linear.weight]


TASKS: dict[str, Callable[[Known], list[Any]]] = {
    "items": partial(_features, cache=False),
    "items, stored": partial(_features, cache=True),
    "views": _views,
    "candidate": _head,
    "folds of a self-trained head": _self_trained,
    "folds of numbers": _numbers,
    "folds of words": _words,
    "folds of a learning curve": _curve,
    "folds of unknown items": _unknown,
    "rung": _rung,
}


def _found(name: str, known: Known, executor: Executor, monkeypatch, folder: Path) -> list[Any]:
    monkeypatch.setenv("TOPWORK_CACHE_DIR", str(folder))  # nothing is stored yet
    with running_on(executor), threadpool_limits(1, "blas"):
        return TASKS[name](known)


@pytest.mark.parametrize("name", TASKS)
def test_tasks_give_the_same_in_other_processes(
    name: str, known: Known, processes: CountingProcesses, monkeypatch, tmp_path: Path
) -> None:
    here = _found(name, known, LocalExecutor(), monkeypatch, tmp_path / "here")
    before = processes.n_tasks
    there = _found(name, known, processes, monkeypatch, tmp_path / "there")
    assert processes.n_tasks >= before + 2
    for one, other in zip(here, there, strict=True):
        if isinstance(one, np.ndarray):
            np.testing.assert_array_equal(one, other)
        else:
            assert one == other


@pytest.mark.parametrize(
    "name",
    [
        "pixels",
        "packaged:efficientnet_lite0",
        "pixels+packaged:efficientnet_lite0+depths+mirrored",
        "packaged:all-minilm-l6-v2/depths",
        "random:efficientnet_lite0",
    ],
)
def test_networks_can_be_sent(name: str) -> None:
    given = resolve(name)
    sent = pickle.loads(pickle.dumps(given))
    assert sent == given
    assert sent.load().width > 0


def test_a_context_is_silent_elsewhere() -> None:
    context = RunContext("settings", lambda name: lambda done, total: None).within(1)
    sent = pickle.loads(pickle.dumps(context))
    assert (sent.settings, sent.steps, sent.left) == ("settings", no_steps, math.inf)
