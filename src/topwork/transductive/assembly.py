"""An adapted head, and its network if that was adapted too, as a model that can be saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from topwork.data import Modality
from topwork.features.opened_backbone import FrozenPart, OpenedBackbone, Run, open_network
from topwork.heads import stratified_folds
from topwork.model import (
    AdaptedFrom,
    Model,
    TrainingStatistics,
    summarise,
    with_domain,
    with_keys,
)
from topwork.model.graph import fuse
from topwork.model.statistics import key_rows
from topwork.novelty.unknown import UnknownDetector, fit_unknown
from topwork.novelty.unrelated_features import unrelated_features
from topwork.settings import AdaptSettings
from topwork.settings.choices import Strategy
from topwork.shift.class_priors import MAX_WEIGHT
from topwork.shift.label_shift import LabelShift
from topwork.transductive.calibration import temperature_towards
from topwork.transductive.candidates.distilled import Distilled
from topwork.transductive.candidates.label_free_selection import Choice
from topwork.transductive.candidates.space import Space
from topwork.transductive.few_labels import FewLabels
from topwork.transductive.source_features import SourceFeatures

HEAD = "logistic"
PRIOR = "shares of the classes"
_FALSE_ALARMS = 0.05
_TINY = 1e-6


def assemble(
    start: Model,
    opened: OpenedBackbone,
    source_features: SourceFeatures,
    target: FrozenPart,
    choice: Choice,
    *,
    few: FewLabels | None = None,
    settings: AdaptSettings,
) -> Model:
    """The model for the new domain.

    Its probabilities are as sure as all ways together; prediction sets are left out, because
    nothing can be promised about a domain without labels.
    """
    chosen = choice.chosen
    assert chosen is not None
    space = chosen.proposal.space
    if space.tensors:
        opened = _with(opened, space, settings)
    detector = _detector(chosen, opened, start.kind, settings.seed)
    card = start.card.model_copy(
        update={
            "head": HEAD,
            "strategy": _strategy(start, space),
            "backbone_fingerprint": opened.backbone.fingerprint,
            "faithful": opened.graph.faithful,
            "temperature": temperature_towards(chosen.held_out(), choice.everything),
            "sets": None,
            "unknown_threshold": detector.used_threshold,
            "false_alarm_rate": detector.false_alarm_rate,
            "adapted_from": AdaptedFrom(
                identity=start.identity, method=chosen.proposal.name, n_items=len(target.data)
            ),
        }
    )
    parts = replace(
        start.parts,
        card=card,
        head=chosen.head,
        graph=fuse(opened.graph.read(), chosen.head),
        weights=opened.graph.weights,
        statistics=with_domain(
            _statistics(start, space, source_features, settings.seed),
            space.target,
            chosen.proposal.labels.astype(np.int64),
            keys=target.extraction.keys,
            labelled=() if few is None else few.keys,
            seed=settings.seed,
        ),
        space=detector.space,
        facts=_facts(start, len(target.data)),
        pages={},
    )
    return Model(parts, engine=start.engine, keep=opened.graph)


def with_classes(
    start: Model, opened: OpenedBackbone, shift: LabelShift, keys: Sequence[bytes]
) -> Model:
    """The same model for items whose classes are distributed otherwise: other biases."""
    head, card, n_items = start.parts.head, start.card, len(keys)
    weights = np.asarray(shift.adjusted) / np.maximum(shift.source, _TINY)
    logs = np.log(np.clip(weights, _TINY, MAX_WEIGHT)).astype(np.float32)
    corrected = replace(head, bias=head.bias + np.float32(card.temperature) * logs)
    method = AdaptedFrom(identity=start.identity, method=PRIOR, n_items=n_items)
    parts = replace(
        start.parts,
        card=card.model_copy(update={"sets": None, "adapted_from": method}),
        head=corrected,
        graph=fuse(opened.graph.read(), corrected),
        weights=opened.graph.weights,
        statistics=with_keys(start.parts.statistics, keys),
        facts=_facts(start, n_items),
        pages={},
    )
    return Model(parts, engine=start.engine, keep=opened.graph)


def _facts(start: Model, n_items: int) -> dict[str, Any]:
    """Of the manifest: the scores of the other domain don't hold for this one."""
    return {**start.parts.facts, "scores": None, "adapted_to": n_items}


def with_pages(model: Model, pages: Mapping[str, str]) -> Model:
    """The same model with what it tells people."""
    return Model(replace(model.parts, pages=pages), engine=model.engine, keep=model)


def _with(opened: OpenedBackbone, space: Space, settings: AdaptSettings) -> OpenedBackbone:
    """The network with what was changed in it."""
    from topwork.backbones.with_weights import with_weights

    running = Run(settings.engine, opened.framing.geometry, settings.cache)
    return open_network(with_weights(opened.backbone, space.tensors), running, keep=False)


def _strategy(start: Model, space: Space) -> Strategy:
    """How the network was made; with other statistics alone it is no trained one."""
    return "partial" if space.trained and start.card.strategy == "probe" else start.card.strategy


def _statistics(
    start: Model, space: Space, source_features: SourceFeatures, seed: int
) -> TrainingStatistics:
    """What the model stores of its labelled items, as its network sees them now."""
    if not space.tensors:
        return start.parts.statistics
    past = start.parts.statistics
    same = np.array_equal(key_rows(source_features.keys), past.keys)
    anew = summarise(
        space.selected_source,
        space.codes,
        space.n_classes,
        list(source_features.keys),
        groups=np.arange(len(space.codes)),
        seed=seed,
        sketches=past.sketches if same else None,
    )
    return replace(anew, adapted_keys=past.adapted_keys, labelled_keys=past.labelled_keys)


def _detector(
    chosen: Distilled, opened: OpenedBackbone, modality: Modality, seed: int
) -> UnknownDetector:
    """What looks like none of the classes in the new domain."""
    labels = chosen.proposal.labels.astype(np.int64)
    return fit_unknown(
        chosen.proposal.space.target,
        labels,
        folds=stratified_folds(labels, seed=seed),
        false_alarm_rate=_FALSE_ALARMS,
        unrelated=lambda: unrelated_features(opened, modality),
        seed=seed,
    )
