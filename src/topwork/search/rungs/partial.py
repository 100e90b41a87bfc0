"""Strategy ``partial`` as a rung: the layers behind a cut, from stored views and the probe."""

from __future__ import annotations

import copy
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from topwork.backbones import Network
from topwork.backbones.engines import open_engine
from topwork.backbones.late_cut import late_cut
from topwork.data import standard_views
from topwork.errors import DataError
from topwork.features import Activations, DiskBudget, ViewRequest, extract_views
from topwork.heads import LinearHead, fit_logistic
from topwork.heads.penalty import DEFAULT_C
from topwork.runtime import cache_folder
from topwork.search.rungs.trained import TrainedRung
from topwork.search.rungs.tuner import Interrupted, Rows, TimeEstimate, given_fields
from topwork.search.search_context import SearchContext
from topwork.settings.choices import Strategy
from topwork.training import PartialSettings
from topwork.trials.trial import Trial, targets_of

if TYPE_CHECKING:
    from torch import nn

    from topwork.training.fits import TunedFit

NAME = "last layers fine-tuned"
PLANS = ((0.5, 3, 8), (0.18, 3, 8), (0.18, 2, 5))
"""Share of the parameters that lie behind the cut at least, views and epochs: from the plan that is
best to the one that is quickest."""

_FORWARD_ONLY = 0.3
_TIMED = 64


@dataclass(frozen=True, eq=False, slots=True)
class _Cut:
    """Where the network is cut, and what lies behind it."""

    name: str
    to_pooled: nn.Module
    shape: tuple[int, ...]


@dataclass(eq=False)
class PartialTuner:
    """Trains the last layers from the probe (LP-FT).

    Parameters
    ----------
    first
        The probe, on a single network.
    """

    first: Trial
    search_context: SearchContext
    name: str = NAME
    strategy: Strategy = "partial"
    _settings: PartialSettings = field(default_factory=PartialSettings)
    _cut: _Cut | None = None
    _activations: Activations | None = None

    def __getstate__(self) -> dict[str, object]:
        return given_fields(self)

    def unsuited(self) -> str:
        if self.first.head.head != "logistic":
            return "there are too few labels to train on"
        if len(self._network.cuts) < 2:
            return f"{self.first.frozen.opened.backbone.name} can only be cut behind its last layer"
        return ""

    @property
    def n_plans(self) -> int:
        return len(PLANS)

    def wait(self, plan: int) -> TimeEstimate:
        share, views, epochs = PLANS[plan]
        cut = _cut_of(self._network, share)
        an_item, n = _seconds_of(cut.to_pooled, cut.shape), len(self.search_context.data)
        opened = self.first.frozen.opened
        store = opened.activation_store(
            cut.name, opened.engine, keep=self.search_context.run.settings.cache
        )
        keys = set(self.first.frozen.extraction.keys)
        missing = sum(len(keys - store.known(view)) for view in standard_views(views))
        vectors = n * an_item * _FORWARD_ONLY
        return TimeEstimate(missing * self._seconds_a_view + vectors, epochs * an_item)

    def prepare(self, plan: int) -> str:
        share, views, epochs = PLANS[plan]
        plain = PartialSettings(
            class_weight=self.search_context.run.settings.class_weight, views=views, coefficient=1.0
        )
        self._settings = replace(plain, loop=replace(plain.loop, epochs=epochs))
        data, opened, keep = (
            self.search_context.data,
            self.first.frozen.opened,
            self.search_context.run.settings.cache,
        )
        self._cut = cut = _cut_of(self._network, share)
        engine, _ = open_engine(
            opened.backbone,
            cut=cut.name,
            name=self.search_context.run.settings.engine,
            graphs=cache_folder() / "graphs" if keep else None,
        )
        store = opened.activation_store(cut.name, engine, keep=keep)
        request = ViewRequest(standard_views(views), opened.framing, engine, store, cut.shape)
        budget = DiskBudget(cache_folder()) if keep else None
        progress = self.search_context.run.steps("Views for training")
        try:
            read = extract_views(
                data.items,
                request,
                kind=data.kind,
                keys=self.first.frozen.extraction.keys,
                budget=budget,
                progress=progress,
            )
        except DataError as error:
            return str(error)
        if len(read.kept) < len(data):
            return "some items went away since they were read"
        self._activations = store.activations(read.keys, views=request.views, shape=cut.shape)
        return ""

    def purpose(self) -> Mapping[str, object]:
        return {"cut": self._prepared[0].name, "settings": asdict(self._settings)}

    def fit(self, rows: Rows, start: TunedFit | None, folder: Path | None) -> TunedFit:
        from topwork.training.fits import TunedFit
        from topwork.training.strategies.partial import fit_partial

        assert start is None, "nothing comes before it but the probe"
        cut, activations = self._prepared
        done = fit_partial(
            cut.to_pooled,
            self._probe,
            activations,
            self._codes,
            self._settings,
            rows=rows,
            folder=folder,
            progress=self.search_context.run.steps("Training the last layers"),
        )
        if done.trained.ending == "interrupted":
            raise Interrupted
        return TunedFit(dict(done.tail.state_dict()), done.head)

    def vectors(self, fit: TunedFit) -> NDArray[np.float32]:
        from topwork.training.domains.target_statistics import pooled_vectors

        cut, activations = self._prepared
        tail = copy.deepcopy(cut.to_pooled)
        tail.load_state_dict(fit.tensors)
        (vectors,) = pooled_vectors(activations, tail)
        return vectors

    @property
    def _codes(self) -> NDArray[np.int64]:
        return targets_of(self.first.frozen).codes

    def _probe(self, rows: Rows) -> LinearHead:
        return probe_on(self.first, rows, self.search_context)

    @cached_property
    def _network(self) -> Network:
        return self.first.frozen.opened.backbone.load()

    @property
    def _prepared(self) -> tuple[_Cut, Activations]:
        assert self._cut is not None
        assert self._activations is not None
        return self._cut, self._activations

    @cached_property
    def _seconds_a_view(self) -> float:
        """By a pass through the whole network, which takes a little longer."""
        opened = self.first.frozen.opened
        engine, framing = opened.engine, opened.framing
        images = np.zeros((engine.batch, framing.height, framing.width, 3), np.uint8)
        list(engine.run([(0, images)]))
        begun = time.monotonic()
        list(engine.run([(i, images) for i in range(4)]))
        return (time.monotonic() - begun) / (4 * engine.batch)


def probe_on(first: Trial, rows: Rows, search_context: SearchContext) -> LinearHead:
    """The probe's head, fitted on some of the items."""
    return head_on(first.frozen.features[rows], rows, first, search_context)


def head_on(
    vectors: NDArray[np.floating], rows: Rows, first: Trial, search_context: SearchContext
) -> LinearHead:
    """A head as the probe has it on other vectors of some of the items, ``(m, d)``."""
    return fit_logistic(
        vectors,
        targets_of(first.frozen).codes[rows],
        search_context.data.n_classes,
        C=first.head.C or DEFAULT_C,
        class_weight=search_context.run.settings.class_weight,
    )


def _cut_of(network: Network, share: float) -> _Cut:
    name = late_cut(network, share)
    assert name is not None
    cut = network.at(name)
    return _Cut(name, cut.to_pooled, cut.shape)


def _seconds_of(tail: nn.Module, shape: tuple[int, ...]) -> float:
    """What an item takes, forwards and backwards."""
    import torch

    own, inputs = copy.deepcopy(tail), torch.zeros(_TIMED, *shape).requires_grad_(True)
    own(inputs).sum().backward()
    begun = time.monotonic()
    own(inputs).sum().backward()
    return (time.monotonic() - begun) / _TIMED


def _partial_tuner(first: Trial, search_context: SearchContext, strategy: Strategy) -> PartialTuner:
    return PartialTuner(first, search_context, strategy=strategy)


LAST_LAYERS = TrainedRung(
    NAME, "partial", "training", "image", _partial_tuner, leads_to=("full",), blended=True
)
