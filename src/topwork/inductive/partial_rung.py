"""The rung of partial training: the layers behind a cut, from stored views and the probe."""

from __future__ import annotations

import copy
import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from topwork.backbones import POOLED, Backbone, Network
from topwork.backbones.engines import open_engine
from topwork.data import standard_views
from topwork.evaluation import JudgedHead
from topwork.features import (
    Activations,
    LanceStore,
    MemoryStore,
    WantedViews,
    cache_folder,
    extract_views,
    fingerprint,
)
from topwork.heads import LinearHead, fit_logistic, softmax
from topwork.heads.penalty import DEFAULT_C
from topwork.inductive.frozen import FrozenPart, OpenedBackbone, open_network
from topwork.inductive.ground import Ground
from topwork.inductive.trial import Candidate, Trial, targets_of

if TYPE_CHECKING:
    from torch import nn

    from topwork.training.partial import PartialFit
    from topwork.training.partial_settings import PartialSettings

NAME = "the last layers trained"
TRAINED_SHARE = 0.25
"""Share of the network's parameters that lie behind the cut at least."""

_SAFETY = 1.2
_TIMED = 64
_CHUNK = 64


@dataclass(frozen=True, eq=False, slots=True)
class _Cut:
    """Where the network is cut, and the views that are stored there."""

    name: str
    tail: nn.Module
    shape: tuple[int, ...]
    wanted: WantedViews


def partial_trial(first: Trial, ground: Ground) -> Trial | str:
    """The last layers trained from the probe (LP-FT) on the same folds, or why they are not.

    Parameters
    ----------
    first
        The probe, on a single network.
    """
    from topwork.training.partial_settings import PartialSettings

    if first.head.head != "logistic":
        return "there are too few labels to train on"
    settings = PartialSettings(class_weight=ground.settings.class_weight)
    backbone = first.frozen.opened.backbone
    network = backbone.load()
    if len(network.cuts) < 2:
        return f"{backbone.name} can only be cut behind its last layer"
    cut = _cut(network, first.frozen.opened, ground, settings)
    wait = _SAFETY * _estimate(cut, first, ground, settings)
    left = ground.deadline - time.monotonic()
    if wait > left:
        return f"it would take {wait:.0f} s, and {max(left, 0):.0f} s are left"
    progress = ground.steps("Views for training")
    read = extract_views(ground.data.items, cut.wanted, kind=ground.data.kind, progress=progress)
    if len(read.kept) < len(ground.data):
        return "some items went away since they were read"
    activations = cut.wanted.store.activations(read.keys, views=cut.wanted.views, shape=cut.shape)
    return _Tuning(first, ground, backbone, cut, activations, settings).trial()


def _cut(
    network: Network, opened: OpenedBackbone, ground: Ground, settings: PartialSettings
) -> _Cut:
    """The latest cut with ``TRAINED_SHARE`` of the parameters behind it, else the earliest."""
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
    views = standard_views(settings.views)
    wanted = WantedViews(views, opened.framing, engine, store, cut.shape)
    return _Cut(name, cut.to_pooled, cut.shape, wanted)


def _parameters(module: nn.Module) -> int:
    return sum(p.numel() for p in module.parameters())


def _estimate(cut: _Cut, first: Trial, ground: Ground, settings: PartialSettings) -> float:
    """Seconds that views and training will take, from a few batches."""
    import torch

    engine, framing, n = cut.wanted.engine, cut.wanted.framing, len(ground.data)
    keys = set(first.frozen.extraction.keys)
    missing = sum(len(keys - cut.wanted.store.known(view)) for view in cut.wanted.views)
    images = np.zeros((engine.batch, framing.height, framing.width, 3), np.uint8)
    list(engine.run([(0, images)]))
    begun = time.monotonic()
    list(engine.run([(i, images) for i in range(4)]))
    extracting = missing * (time.monotonic() - begun) / (4 * engine.batch)
    tail = copy.deepcopy(cut.tail)
    inputs = torch.zeros(_TIMED, *cut.shape).requires_grad_(True)
    tail(inputs).sum().backward()
    begun = time.monotonic()
    tail(inputs).sum().backward()
    an_item = (time.monotonic() - begun) / _TIMED
    k = len(np.unique(ground.folds[0]))
    passes = settings.loop.epochs * (len(ground.folds) * (k - 1) + 1)
    return extracting + passes * n * an_item


@dataclass(frozen=True, eq=False, slots=True)
class _Tuning:
    """All fits of the rung: one for each fold, and the one that ships."""

    first: Trial
    ground: Ground
    backbone: Backbone
    cut: _Cut
    activations: Activations
    settings: PartialSettings

    def trial(self) -> Trial:
        begun = time.monotonic()
        n = len(self.ground.data)
        heads, by_fold = [], {}
        final = self._fit(np.arange(n))
        for repeat, folds in enumerate(self.ground.folds):
            logits = np.empty((n, final.head.bias.shape[0]), np.float32)
            for fold in np.unique(folds):
                test = np.flatnonzero(folds == fold)
                fitted = self._fit(np.flatnonzero(folds != fold))
                vectors = self._pooled(fitted.tail)
                logits[test] = fitted.head.logits(vectors[test])
                if repeat == 0:
                    by_fold[int(fold)] = vectors
            heads.append(self._judged(final.head, logits, self.first.heads[repeat]))
        opened = self._opened(final)
        part = FrozenPart(
            self.first.frozen.data,
            self._pooled(final.tail),
            replace(self.first.frozen.extraction),
            opened,
        )
        candidate = Candidate(NAME, self.backbone.name, strategy="partial")
        seconds = time.monotonic() - begun
        return Trial(candidate, part, tuple(heads), seconds, features_by_fold=by_fold)

    def _fit(self, rows: NDArray[np.integer]) -> PartialFit:
        from topwork.training.partial import fit_partial

        return fit_partial(
            self.cut.tail,
            self._probe,
            self.activations,
            self._codes,
            self.settings,
            rows=rows,
            progress=self.ground.steps("Training"),
        )

    @property
    def _codes(self) -> NDArray[np.int64]:
        return targets_of(self.first.frozen).codes

    def _probe(self, rows: NDArray[np.integer]) -> LinearHead:
        return fit_logistic(
            self.first.frozen.features[rows],
            self._codes[rows],
            self.ground.data.n_classes,
            C=self.first.head.C or DEFAULT_C,
            class_weight=self.ground.settings.class_weight,
        )

    def _pooled(self, tail: nn.Module) -> NDArray[np.float32]:
        """Pooled vectors ``(n, d)`` of the plain views."""
        import torch

        from topwork.training.batches import as_tensor

        rows = np.arange(len(self.activations))
        parts = []
        with torch.inference_mode():
            for start in range(0, len(rows), _CHUNK):
                some = rows[start : start + _CHUNK]
                inputs = as_tensor(self.activations.take(some, np.zeros_like(some)))
                parts.append(tail(inputs).float().numpy())
        return np.concatenate(parts)

    @staticmethod
    def _judged(head: LinearHead, logits: NDArray[np.float32], probe: JudgedHead) -> JudgedHead:
        return replace(
            probe,
            linear=head,
            logits_oof=logits,
            probabilities_oof=softmax(logits),
        )

    def _opened(self, final: PartialFit) -> OpenedBackbone:
        """The network with the tuned weights, as any other backbone."""
        network = _with_tail(self.backbone.load(), self.cut.name, final.tail)
        digest = hashlib.blake2b(self.backbone.fingerprint.encode(), digest_size=16)
        for name, tensor in _tensors(final.tail).items():
            digest.update(name.encode() + tensor.tobytes())
        tuned = replace(self.backbone, fingerprint=digest.hexdigest(), load=lambda: network)
        return open_network(tuned, self.ground.settings, keep=False)


def _tensors(module: nn.Module) -> Mapping[str, NDArray[np.generic]]:
    return {k: v.detach().cpu().numpy() for k, v in module.state_dict().items()}


def _with_tail(network: Network, cut: str, tail: nn.Module) -> Network:
    """A copy of the network that holds the tail's tensors."""
    import torch

    network = copy.deepcopy(network)
    own = network.at(cut).to_pooled.state_dict()
    with torch.no_grad():
        for name, tensor in tail.state_dict().items():
            own[name].copy_(tensor)
    return network
