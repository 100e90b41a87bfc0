"""The ladder: from the probe upwards, as long as it pays and there is time."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from pydantic import BaseModel, ConfigDict

from topwork.search.ground import SearchContext
from topwork.search.known_rungs import (
    LEARNING_MORE,
    SEARCHED,
    Rung,
    Searched,
    rungs_above,
    without_packages,
)
from topwork.search.race import Entrant, Race
from topwork.search.rungs.blend import Blend
from topwork.search.rungs.limit import Limit
from topwork.search.rungs.partial import PartialTuner
from topwork.search.rungs.tuned import TunedRung, seconds_of_a_pass
from topwork.search.rungs.tuner import Tuner
from topwork.search.rungs.unlabelled import (
    SELF_TRAINED,
    unlabelled_name,
    unlabelled_trial,
)
from topwork.search.rungs.whole import WholeTuner
from topwork.search.rungs.wider import wider_trial
from topwork.selection.choice import Verdict
from topwork.trials.trial import Candidate, Trial

STOPPED = "stopped by Ctrl-C"


class RungRecord(BaseModel):
    """One rung: whether it was tried, what it took in seconds, and what became of it.

    Attributes
    ----------
    n_items
        That it was judged on: fewer than all where it was given up after some folds.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    tried: bool
    seconds: float
    reason: str
    n_items: int = 0


@dataclass(frozen=True, slots=True)
class LadderResult:
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


def search_ladder(first: Trial, search_context: SearchContext) -> LadderResult:
    """Try one rung after the other, each on the same folds; ``first`` is the probe."""
    ladder, rungs = _Ladder(first, search_context), _rungs(search_context)
    absent = without_packages(rungs, search_context.data.kind.name)
    rungs = [rung for rung in rungs if rung.candidate.name not in absent]
    trained = [rung for rung in rungs if rung.candidate.strategy not in {"probe", "blend"}]
    for rung in (rung for rung in rungs if rung.candidate.strategy == "probe"):
        ladder.step(rung)
    ladder.race(trained)
    for rung in (rung for rung in rungs if rung.candidate.strategy == "blend"):
        ladder.step(rung)
    for name, reason in absent.items():
        ladder.note(name, 0.0, reason)
    trials = ladder.trials
    if ladder.stopped:  # there is no time for another fit
        trials = [replace(trial, ships=trial.finish is None) for trial in trials]
    return LadderResult(tuple(trials), tuple(ladder.records))


def _rungs(search_context: SearchContext) -> list[Rung]:
    """Those that are wanted; items without labels after the frozen networks they go through."""
    settings = search_context.settings
    rungs = _wanted(
        rungs_above(settings.backbone_name, search_context.data.kind.name), settings.strategy
    )
    if search_context.unlabelled is None:
        return rungs
    frozen = [rung for rung in rungs if rung.candidate.strategy == "probe"]
    name = unlabelled_name(search_context.data.kind.name)
    with_more = Rung(Candidate(name, settings.backbone_name, SELF_TRAINED), LEARNING_MORE)
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
    search_context: SearchContext
    trials: list[Trial] = field(default_factory=list)
    records: list[RungRecord] = field(default_factory=list)
    closed: dict[str, str] = field(default_factory=dict)
    tuned: list[tuple[Trial, TunedRung]] = field(default_factory=list)
    stopped: bool = False

    def step(self, rung: Rung) -> None:
        """Try a rung that is judged on all folds at once, or note why not."""
        name, reason = rung.candidate.name, self.closed.get(rung.direction, "")
        if self.stopped or reason:
            self.note(name, 0.0, STOPPED if self.stopped else reason)
            return
        begun = time.monotonic()
        rival = self._best_frozen if rung.candidate.strategy == "probe" else self._best
        try:
            found = self._tried(rung, rival) if self._has_time(rung) else "no time is left"
        except KeyboardInterrupt:
            found = STOPPED
        seconds = time.monotonic() - begun
        if isinstance(found, str):
            self.stopped = found == STOPPED
            self.note(name, seconds, found)
            self.closed[rung.direction] = f"{name} was not tried either"
            return
        self.trials.append(found)
        verdict = self._verdict(rival, found)
        told = verdict.reason if found.instead_of else self._gain(found, rival)
        self.note(name, seconds, told, found)
        if verdict.chosen != name and not self._asked_for:
            self.closed[rung.direction] = f"{name} did not help"

    def race(self, rungs: Sequence[Rung]) -> None:
        """Let ways of training run against each other."""
        entrants: list[Entrant] = []
        for rung in rungs:
            entrants.append(Entrant(rung, self._tuned(rung, entrants)))
        if not self.stopped:
            self.stopped = Race(self.search_context, asked_for=self._asked_for).run(entrants)
        for entrant in entrants:
            name, found = entrant.rung.candidate.name, entrant.trial
            if found is None:
                reason = STOPPED if self.stopped else entrant.stopped
                self.note(name, entrant.made.spent, reason)
                continue
            self.trials.append(found)
            told = self._gain(found, entrant.made.below)
            if not entrant.made.complete:
                told = f"{told}; {STOPPED if self.stopped else entrant.stopped}"
            else:
                self.tuned.append((found, entrant.made))
            self.note(name, entrant.made.spent, told, found)

    def _gain(self, found: Trial, rival: Trial) -> str:
        """What it brought, on as many folds as it was judged on."""
        lead, folds = self.search_context.comparison.lead(found, rival), self.search_context.folds
        better = lead.difference >= 0
        told = f"{abs(100 * lead.difference):.1f} points {'better' if better else 'worse'}"
        if self.search_context.comparison.costs is not None:
            told = f"{abs(lead.difference):.3f} {'less' if better else 'more'} mean cost"
        told += f" than {rival.candidate.name}"
        if (
            self.search_context.comparison.costs is None
            and lead.low is not None
            and lead.high is not None
        ):
            told += f" ({100 * lead.low:+.1f} to {100 * lead.high:+.1f})".replace("-", "−")
        judged, of = len(np.unique(folds[found.judged_rows])), len(np.unique(folds))
        return told if judged == of else f"{told} in {judged} of {of} folds"

    @property
    def _asked_for(self) -> bool:
        """Whether a way was asked for by name."""
        return self.search_context.settings.strategy != "auto"

    def _has_time(self, rung: Rung) -> bool:
        """What was asked for by itself is not left out for want of time."""
        asked_for = (
            rung.candidate.head == SELF_TRAINED and self.search_context.settings.strategy == "probe"
        )
        return asked_for or self.search_context.left > 0

    def _verdict(self, last: Trial, found: Trial) -> Verdict:
        comparison = self.search_context.comparison
        return (
            comparison.substitution(found, last)
            if found.instead_of
            else comparison.verdict([last, found])
        )

    def note(self, name: str, seconds: float, reason: str, found: Trial | None = None) -> None:
        n_items = int(found.judged_rows.sum()) if found else 0
        self.records.append(
            RungRecord(
                name=name, tried=bool(found), seconds=seconds, reason=reason, n_items=n_items
            )
        )

    def _tried(self, rung: Rung, rival: Trial) -> Trial | str:
        """The rung's trial, or why there is none."""
        if rung.candidate.head == SELF_TRAINED:
            assert self.search_context.unlabelled is not None
            found = unlabelled_trial(rival, self.search_context.unlabelled, self.search_context)
            return found if isinstance(found, str) else replace(found, above=rival.above)
        if rung.candidate.strategy == "blend":
            return self._blended()
        assert rung.candidate.strategy == "probe", f"no rung trains by {rung.candidate.strategy}"
        found = wider_trial(rung.candidate, self.first, self.search_context)
        return found if isinstance(found, str) else replace(found, above=True)

    def _tuned(self, rung: Rung, others: Sequence[Entrant]) -> TunedRung:
        strategy, limit = rung.candidate.strategy, Limit()
        search_context = replace(self.search_context, steps=limit.steps(self.search_context.steps))
        tuner: Tuner = (
            PartialTuner(self.first, search_context)
            if strategy == "partial" and self._searched.views
            else WholeTuner(
                self.first, search_context, strategy, self._searched.inputs(self.first, strategy)
            )
        )
        base = next((e.made for e in others if e.rung.candidate.strategy == rung.start), None)
        # a blend goes through the frozen networks once more
        reserve = seconds_of_a_pass(self._best_frozen) if self._searched.views else 0.0
        return TunedRung(tuner, self.first, self.search_context, base, reserve, limit)

    def _blended(self) -> Trial | str:
        if not self.tuned:
            return "nothing was trained on all folds"
        frozen = self._best_frozen
        trained, rung = max(self.tuned, key=lambda pair: _accuracy(pair[0]))
        blend = Blend(frozen, trained, rung, self.search_context)
        wait = blend.seconds_to_finish()
        if wait > self.search_context.left:
            return (
                f"it would take {wait:.0f} s, and {max(self.search_context.left, 0):.0f} s are left"
            )
        return replace(blend.trial(), above=True)

    @property
    def _searched(self) -> Searched:
        return SEARCHED[self.search_context.data.kind.name]

    @property
    def _best_frozen(self) -> Trial:
        found = (t for t in self.trials if t.finish is None and t.instead_of is None)
        return self._best_of([self.first, *found])

    @property
    def _best(self) -> Trial:
        return self._best_of([self.first, *self.trials])

    def _best_of(self, trials: Sequence[Trial]) -> Trial:
        best, _ = self.search_context.comparison.choose(trials, self.first)
        return trials[best]


def _accuracy(trial: Trial) -> float:
    return float(np.mean(trial.right[:, trial.judged_rows]))


def ladder_sentences(records: Sequence[RungRecord]) -> list[str]:
    """One for all rungs that were tried, and one for each reason why others were not."""
    if not records:
        return []
    tried = [r.name for r in records if r.tried]
    names: dict[str, list[str]] = {}
    for record in (record for record in records if not record.tried):
        names.setdefault(record.reason, []).append(record.name)
    left = [f"Not tried: {', '.join(found)} ({reason})." for reason, found in names.items()]
    return [f"Tried above the probe: {', '.join(tried) or 'nothing'}.", *left]
