"""The ladder: from the probe upwards, as long as it pays and there is time."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from pydantic import BaseModel, ConfigDict

from topwork.evaluation.choice import Verdict
from topwork.inductive.ground import Ground
from topwork.inductive.known_rungs import LEARNING_MORE, Rung, rungs_above
from topwork.inductive.rungs.blend import Blend
from topwork.inductive.rungs.partial import PartialTuner
from topwork.inductive.rungs.tuned import TunedRung, seconds_of_a_pass
from topwork.inductive.rungs.tuner import Tuner
from topwork.inductive.rungs.unlabelled import NAME as UNLABELLED
from topwork.inductive.rungs.unlabelled import SELF_TRAINED, unlabelled_trial
from topwork.inductive.rungs.whole import WholeTuner
from topwork.inductive.rungs.wider import wider_trial
from topwork.inductive.trial import Candidate, Trial

STOPPED = "stopped by Ctrl-C"


class RungRecord(BaseModel):
    """One rung: whether it was tried, what it took in seconds, and what became of it.

    Attributes
    ----------
    n_items
        That it was judged on: of as many folds as there was time for.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    tried: bool
    seconds: float
    reason: str
    n_items: int = 0


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


def climb(first: Trial, ground: Ground) -> Climb:
    """Try one rung after the other, each on the same folds; ``first`` is the probe."""
    ladder = _Ladder(first, ground)
    for rung in _rungs(ground):
        ladder.step(rung)
    trials = ladder.trials
    if ladder.stopped:  # there is no time for another fit
        trials = [replace(trial, ships=trial.finish is None) for trial in trials]
    return Climb(tuple(trials), tuple(ladder.records))


def _rungs(ground: Ground) -> list[Rung]:
    """Those that are wanted; items without labels after the frozen networks they go through."""
    settings = ground.settings
    rungs = _wanted(rungs_above(settings.backbone, ground.data.kind.name), settings.strategy)
    if ground.unlabelled is None:
        return rungs
    frozen = [rung for rung in rungs if rung.candidate.strategy == "probe"]
    with_more = Rung(Candidate(UNLABELLED, settings.backbone, SELF_TRAINED), LEARNING_MORE)
    return [*frozen, with_more, *rungs[len(frozen) :]]


def _wanted(rungs: list[Rung], strategy: str) -> list[Rung]:
    """All of them, or those that lead to one strategy; the probe is there already."""
    if strategy == "auto":
        return rungs
    if strategy == "probe":
        return []
    asked = [rung for rung in rungs if rung.candidate.strategy == strategy]
    leading = {strategy, *(rung.start for rung in asked)} - {"probe"}
    return [rung for rung in rungs if rung.candidate.strategy in leading]


@dataclass(eq=False)
class _Ladder:
    """What was tried so far."""

    first: Trial
    ground: Ground
    trials: list[Trial] = field(default_factory=list)
    records: list[RungRecord] = field(default_factory=list)
    closed: dict[str, str] = field(default_factory=dict)
    tuned: list[tuple[Trial, TunedRung]] = field(default_factory=list)
    stopped: bool = False

    def step(self, rung: Rung) -> None:
        """Try a rung, or note why not."""
        name = rung.candidate.name
        if self.stopped:
            self.closed[rung.direction] = STOPPED
        if rung.direction in self.closed:
            self._note(name, 0.0, self.closed[rung.direction])
            return
        begun = time.monotonic()
        last = self._rival(rung)
        try:
            found = self._tried(rung) if self._has_time(rung) else "no time is left"
        except KeyboardInterrupt:
            found = STOPPED
        seconds = time.monotonic() - begun
        if isinstance(found, str):
            self.stopped = found == STOPPED
            self._note(name, seconds, found)
            self.closed[rung.direction] = f"{name} was not tried either"
            return
        self.trials.append(found)
        verdict = self._verdict(last, found)
        self._note(name, seconds, verdict.reason, found)
        asked_for = self.ground.settings.strategy != "auto"
        if verdict.chosen != name and not asked_for:
            self.closed[rung.direction] = f"{name} did not pay"

    def _has_time(self, rung: Rung) -> bool:
        """What was asked for by itself is not left out for want of time."""
        asked_for = rung.candidate.head == SELF_TRAINED and self.ground.settings.strategy == "probe"
        return asked_for or self.ground.left > 0

    def _verdict(self, last: Trial, found: Trial) -> Verdict:
        comparing = self.ground.comparing
        return (
            comparing.substitution(found, last)
            if found.instead_of
            else comparing.verdict([last, found])
        )

    def _note(self, name: str, seconds: float, reason: str, found: Trial | None = None) -> None:
        n_items = int(found.judged_rows.sum()) if found else 0
        self.records.append(
            RungRecord(
                name=name, tried=bool(found), seconds=seconds, reason=reason, n_items=n_items
            )
        )

    def _tried(self, rung: Rung) -> Trial | str:
        """The rung's trial, or why there is none."""
        how: dict[str, Callable[[], Trial | str]] = {
            **dict.fromkeys(("partial", "lora", "full", "pairs"), lambda: self._tuned(rung)),
            "blend": self._blended,
        }
        strategy = rung.candidate.strategy
        if rung.candidate.head == SELF_TRAINED:
            assert self.ground.unlabelled is not None
            return unlabelled_trial(self._best_frozen, self.ground.unlabelled, self.ground)
        if strategy in how:
            return how[strategy]()
        return wider_trial(rung.candidate, self.first, self.ground)

    def _tuned(self, rung: Rung) -> Trial | str:
        strategy = rung.candidate.strategy
        tuner: Tuner = (
            PartialTuner(self.first, self.ground)
            if strategy == "partial" and self._of_pictures
            else WholeTuner(self.first, self.ground, strategy)
        )
        below = [(t, r) for t, r in self.tuned if t.candidate.strategy == rung.start]
        trial, base = below[-1] if below else (self.first, None)
        # a blend goes through the frozen networks once more
        reserve = seconds_of_a_pass(self._best_frozen) if self._of_pictures else 0.0
        made = TunedRung(tuner, trial, self.ground, base, reserve)
        found = made.trial()
        if not isinstance(found, str):
            self.tuned.append((found, made))
        return found

    def _blended(self) -> Trial | str:
        if not self.tuned:
            return "nothing was trained"
        frozen = self._best_frozen
        trained, rung = max(self.tuned, key=lambda pair: _accuracy(pair[0]))
        blend = Blend(frozen, trained, rung, self.ground)
        wait = blend.seconds_to_finish()
        if wait > self.ground.left:
            return f"it would take {wait:.0f} s, and {max(self.ground.left, 0):.0f} s are left"
        return blend.trial()

    def _rival(self, rung: Rung) -> Trial:
        """What a rung has to beat for its direction to go on."""
        if rung.candidate.head == SELF_TRAINED:
            return self._best_frozen
        if rung.candidate.strategy in {"partial", "lora", "pairs"}:
            return self.first
        if rung.candidate.strategy == "full":
            return next((t for t, _ in reversed(self.tuned)), self.first)
        return self._best([self.first, *self.trials])

    @property
    def _of_pictures(self) -> bool:
        return self.ground.data.kind.name == "image"

    @property
    def _best_frozen(self) -> Trial:
        found = (t for t in self.trials if t.finish is None and t.instead_of is None)
        return self._best([self.first, *found])

    def _best(self, trials: Sequence[Trial]) -> Trial:
        """The simplest within one standard error of the best."""
        best, _ = self.ground.comparing.choose(trials, self.first)
        return trials[best]


def _accuracy(trial: Trial) -> float:
    return float(np.mean(trial.right[:, trial.judged_rows]))


def ladder_sentence(records: Sequence[RungRecord]) -> str:
    """What the ladder did, for people; empty where it wasn't climbed."""
    return " ".join(ladder_sentences(records))


def ladder_sentences(records: Sequence[RungRecord]) -> list[str]:
    """One for all rungs that were tried, and one for each that was not."""
    if not records:
        return []
    tried = [r.name for r in records if r.tried]
    left = [f"Not tried: {r.name} ({r.reason})." for r in records if not r.tried]
    return [f"Tried above the probe: {', '.join(tried) or 'nothing'}.", *left]
