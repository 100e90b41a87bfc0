"""The ladder: from the probe upwards, as long as it pays and there is time."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

import numpy as np
from pydantic import BaseModel, ConfigDict

from topwork.errors import UserError
from topwork.search.known_rungs import rungs_above, without_packages
from topwork.search.race import Entrant, Race
from topwork.search.rungs.rung import Asked, JudgedRung, RacingRung, Rung
from topwork.search.rungs.state import SearchState
from topwork.search.search_context import SearchContext
from topwork.selection.choice import Selection
from topwork.trials.trial import Trial

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
    ladder, rungs = _Ladder(SearchState(first, search_context)), wanted_rungs(search_context)
    absent = without_packages(rungs)
    for races, some in groupby(rungs, key=lambda rung: isinstance(rung, RacingRung)):
        able = [rung for rung in some if rung.name not in absent]
        if races:
            ladder.race([rung for rung in able if isinstance(rung, RacingRung)])
        for rung in able:
            if isinstance(rung, JudgedRung):
                ladder.step(rung)
    for name, reason in absent.items():
        ladder.note(name, 0.0, reason)
    trials = ladder.state.trials
    if ladder.stopped:  # there is no time for another fit
        trials = [replace(trial, selectable=trial.finish is None) for trial in trials]
    return LadderResult(tuple(trials), tuple(ladder.records))


def wanted_rungs(search_context: SearchContext) -> list[Rung]:
    """Those for the network, the items and the strategy that was asked for."""
    settings = search_context.run.settings
    return rungs_above(
        Asked(
            settings.backbone_name,
            search_context.data.kind.name,
            settings.strategy,
            unlabelled=search_context.unlabelled is not None,
        )
    )


@dataclass(eq=False)
class _Ladder:
    """Tries rungs, and notes what became of each."""

    state: SearchState
    records: list[RungRecord] = field(default_factory=list)
    closed: dict[str, str] = field(default_factory=dict)
    stopped: bool = False

    def step(self, rung: JudgedRung) -> None:
        """Try a rung that is judged on all folds at once, or note why not."""
        name, reason = rung.name, self.closed.get(rung.direction, "")
        if self.stopped or reason:
            self.note(name, 0.0, STOPPED if self.stopped else reason)
            return
        begun, rival = time.monotonic(), rung.rival(self.state)
        try:
            found = self._too_long(rung) or rung.run(self.state)
        except UserError as error:
            found = str(error)
        except KeyboardInterrupt:
            found = STOPPED
        seconds = time.monotonic() - begun
        if isinstance(found, str):
            self.stopped = found == STOPPED
            self.note(name, seconds, found)
            self.closed[rung.direction] = f"{name} was not tried either"
            return
        self.state.trials.append(found)
        verdict = self._verdict(rival, found)
        told = verdict.reason if found.instead_of else self._gain(found, rival)
        self.note(name, seconds, told, found)
        if verdict.chosen != name and self.search_context.run.settings.searches:
            self.closed[rung.direction] = f"{name} did not help"

    def race(self, rungs: Sequence[RacingRung]) -> None:
        """Let ways of training run against each other."""
        entrants: list[Entrant] = []
        for rung in rungs:
            made = {entrant.rung.name: entrant.made for entrant in entrants}
            entrants.append(Entrant(rung, rung.enter(self.state, made)))
        if not self.stopped:
            requested = not self.search_context.run.settings.searches
            self.stopped = Race(self.search_context, requested=requested).run(entrants)
        for entrant in entrants:
            name, found = entrant.rung.name, entrant.trial
            if found is None:
                reason = STOPPED if self.stopped else entrant.stopped
                self.note(name, entrant.made.spent, reason)
                continue
            self.state.trials.append(found)
            told = self._gain(found, entrant.made.below)
            if not entrant.made.complete:
                told = f"{told}; {STOPPED if self.stopped else entrant.stopped}"
            else:
                self.state.trained.append((found, entrant.made))
            self.note(name, entrant.made.spent, told, found)

    @property
    def search_context(self) -> SearchContext:
        """What every rung stands on."""
        return self.state.search_context

    def _too_long(self, rung: JudgedRung) -> str:
        """Why there is no time for it; empty where there is."""
        if self.search_context.run.left <= 0:
            return "no time is left"
        return self.search_context.too_long(rung.estimate(self.state))

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

    def _verdict(self, last: Trial, found: Trial) -> Selection:
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
