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

from topwork.backbones import POOLED, Network
from topwork.backbones.engines import open_engine
from topwork.data import standard_views
from topwork.errors import DataError
from topwork.features import (
    Activations,
    DiskBudget,
    LanceStore,
    MemoryStore,
    WantedViews,
    cache_folder,
    extract_views,
    fingerprint,
)
from topwork.heads import LinearHead, fit_logistic
from topwork.heads.penalty import DEFAULT_C
from topwork.inductive.ground import Ground
from topwork.inductive.rungs.tuner import Interrupted, Rows, Wait
from topwork.inductive.trial import Trial, targets_of
from topwork.model.card import Strategy
from topwork.training import PartialSettings

if TYPE_CHECKING:
    from torch import nn

    from topwork.training.fits import TunedFit

NAME = "the last layers trained"
TRAINED_SHARE = 0.18
"""Share of the network's parameters that lie behind the cut at least."""

PLANS = ((5, 12), (3, 8), (2, 5))
"""Views and epochs, from the plan that is best to the one that is quickest."""

_TIMED = 64
_CHUNK = 64


@dataclass(frozen=True, eq=False, slots=True)
class _Cut:
    """Where the network is cut, and the views that are stored there."""

    name: str
    tail: nn.Module
    shape: tuple[int, ...]
    wanted: WantedViews


@dataclass(eq=False)
class PartialTuner:
    """Trains the last layers from the probe (LP-FT).

    Parameters
    ----------
    first
        The probe, on a single network.
    """

    first: Trial
    ground: Ground
    name: str = NAME
    strategy: Strategy = "partial"
    _settings: PartialSettings = field(default_factory=PartialSettings)
    _activations: Activations | None = None

    def unsuited(self) -> str:
        if self.first.head.head != "logistic":
            return "there are too few labels to train on"
        if len(self._network.cuts) < 2:
            return f"{self.first.frozen.opened.backbone.name} can only be cut behind its last layer"
        return ""

    def waits(self) -> list[Wait]:
        import torch

        cut, n = self._cut, len(self.ground.data)
        engine, framing = cut.wanted.engine, cut.wanted.framing
        keys = set(self.first.frozen.extraction.keys)
        images = np.zeros((engine.batch, framing.height, framing.width, 3), np.uint8)
        list(engine.run([(0, images)]))
        begun = time.monotonic()
        list(engine.run([(i, images) for i in range(4)]))
        a_view = (time.monotonic() - begun) / (4 * engine.batch)
        tail = copy.deepcopy(cut.tail)
        inputs = torch.zeros(_TIMED, *cut.shape).requires_grad_(True)
        tail(inputs).sum().backward()
        begun = time.monotonic()
        tail(inputs).sum().backward()
        an_item = (time.monotonic() - begun) / _TIMED
        store = cut.wanted.store
        missing = [len(keys - store.known(view)) for view in standard_views(PLANS[0][0])]
        seconds = n * an_item * 0.3  # vectors of all items, forwards only
        return [
            Wait(sum(missing[:views]) * a_view + seconds, epochs * an_item)
            for views, epochs in PLANS
        ]

    def prepare(self, plan: int) -> str:
        views, epochs = PLANS[plan]
        plain = PartialSettings(class_weight=self.ground.settings.class_weight, views=views)
        self._settings = replace(plain, loop=replace(plain.loop, epochs=epochs))
        data, cut = self.ground.data, self._cut
        wanted = replace(cut.wanted, views=standard_views(views))
        budget = DiskBudget(cache_folder()) if self.ground.settings.cache else None
        progress = self.ground.steps("Views for training")
        try:
            read = extract_views(
                data.items, wanted, kind=data.kind, budget=budget, progress=progress
            )
        except DataError as error:
            return str(error)
        if len(read.kept) < len(data):
            return "some items went away since they were read"
        self._activations = wanted.store.activations(read.keys, views=wanted.views, shape=cut.shape)
        return ""

    def purpose(self) -> Mapping[str, object]:
        return {"cut": self._cut.name, "settings": asdict(self._settings)}

    def fit(self, rows: Rows, start: TunedFit | None, folder: Path | None) -> TunedFit:
        from topwork.training.fits import TunedFit
        from topwork.training.partial import fit_partial

        assert start is None, "nothing comes before it but the probe"
        assert self._activations is not None
        done = fit_partial(
            self._cut.tail,
            self._probe,
            self._activations,
            self._codes,
            self._settings,
            rows=rows,
            folder=folder,
            progress=self.ground.steps("Training the last layers"),
        )
        if done.trained.ending == "interrupted":
            raise Interrupted
        return TunedFit(dict(done.tail.state_dict()), done.head)

    def vectors(self, fit: TunedFit) -> NDArray[np.float32]:
        import torch

        from topwork.training.batches import as_tensor

        assert self._activations is not None
        tail = copy.deepcopy(self._cut.tail)
        tail.load_state_dict(fit.tensors)
        rows = np.arange(len(self._activations))
        parts = []
        with torch.inference_mode():
            for begin in range(0, len(rows), _CHUNK):
                some = rows[begin : begin + _CHUNK]
                inputs = as_tensor(self._activations.take(some, np.zeros_like(some)))
                parts.append(tail(inputs).float().numpy())
        return np.concatenate(parts)

    @property
    def _codes(self) -> NDArray[np.int64]:
        return targets_of(self.first.frozen).codes

    def _probe(self, rows: Rows) -> LinearHead:
        return probe_on(self.first, rows, self.ground)

    @cached_property
    def _network(self) -> Network:
        return self.first.frozen.opened.backbone.load()

    @cached_property
    def _cut(self) -> _Cut:
        return _cut_of(self._network, self.first, self.ground)


def probe_on(first: Trial, rows: Rows, ground: Ground) -> LinearHead:
    """The probe's head, fitted on some of the items."""
    return fit_logistic(
        first.frozen.features[rows],
        targets_of(first.frozen).codes[rows],
        ground.data.n_classes,
        C=first.head.C or DEFAULT_C,
        class_weight=ground.settings.class_weight,
    )


def _cut_of(network: Network, first: Trial, ground: Ground) -> _Cut:
    """The latest cut with ``TRAINED_SHARE`` of the parameters behind it, else the earliest."""
    opened = first.frozen.opened
    total = _parameters(network.pooling)
    tails = [(name, network.at(name)) for name in network.cuts if name != POOLED]
    enough = [pair for pair in tails if _parameters(pair[1].to_pooled) >= TRAINED_SHARE * total]
    name, cut = enough[-1] if enough else tails[0]
    cache = cache_folder() if ground.settings.cache else None
    engine, _ = open_engine(
        opened.backbone,
        cut=name,
        name=ground.settings.engine,
        graphs=cache / "graphs" if cache else None,
    )
    key = fingerprint(
        opened.backbone,
        cut=name,
        framing=opened.framing,
        engine=engine.name,
        precision=engine.precision,
    )
    store = LanceStore(cache / "features", key, "bfloat16") if cache else MemoryStore("bfloat16")
    wanted = WantedViews(standard_views(1), opened.framing, engine, store, cut.shape)
    return _Cut(name, cut.to_pooled, cut.shape, wanted)


def _parameters(module: nn.Module) -> int:
    return sum(p.numel() for p in module.parameters())
