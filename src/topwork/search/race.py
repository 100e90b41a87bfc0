"""Ways of training against each other: one fold each, then the promising ones to the end."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from topwork.metrics.paired import PairedTest
from topwork.search.rungs.limit import OutOfTime
from topwork.search.rungs.rung import RacingRung
from topwork.search.rungs.tuned import TunedRung
from topwork.search.rungs.tuner import Interrupted
from topwork.search.search_context import SearchContext
from topwork.selection.promising import promising
from topwork.trials.trial import Trial

_SHARE = 0.5
"""Of the time that is left, which the plan of one way of training among several may take."""


@dataclass(eq=False)
class Entrant:
    """One way of training.

    Parameters
    ----------
    made
        Its fits, and the trial that it has to beat.
    stopped
        Why it went no further; empty where it was judged on all folds.
    """

    rung: RacingRung
    made: TunedRung
    stopped: str = ""

    @property
    def trial(self) -> Trial | None:
        """On the folds that were judged, if any."""
        return self.made.trial() if self.made.vectors else None


@dataclass(eq=False)
class Race:
    """Decides which entrant is trained next, so that what is begun can be finished in time.

    Every fit that is chosen has to be judged on all folds and made once more on all items, so that
    this time is kept for the one that promises most.

    Parameters
    ----------
    requested
        Whether one way was asked for by name: it isn't given up for being behind on one fold.
    """

    search_context: SearchContext
    requested: bool = False

    def run(self, entrants: Sequence[Entrant]) -> bool:
        """Judge them; whether it was ended by Ctrl-C."""
        try:
            self._run(entrants)
        except (KeyboardInterrupt, Interrupted):
            return True
        return False

    def _run(self, entrants: Sequence[Entrant]) -> None:
        running: list[Entrant] = []
        for entrant in self._from_cheap_to_dear(entrants):
            self._first_fold(entrant, entrants, running)
            if not entrant.stopped:
                running.append(entrant)
        done: list[Entrant] = []
        for entrant in sorted(running, key=self._promise, reverse=True):
            self._other_folds(entrant, done)
            if not entrant.stopped:
                done.append(entrant)

    def _from_cheap_to_dear(self, entrants: Sequence[Entrant]) -> list[Entrant]:
        """Those that there is time for; one that goes on from another comes after it."""
        for entrant in entrants:
            if self.search_context.run.left <= 0:
                entrant.stopped = "no time is left"
            else:
                entrant.stopped = entrant.made.plan(1.0 if self.requested else _SHARE)
        able = [entrant for entrant in entrants if not entrant.stopped]
        return sorted(able, key=lambda e: (e.made.base is not None, e.made.seconds_left()))

    def _first_fold(
        self, entrant: Entrant, entrants: Sequence[Entrant], running: Sequence[Entrant]
    ) -> None:
        base = next((e for e in entrants if e.made is entrant.made.base), None)
        if base is not None and base.stopped:
            entrant.stopped = f"{base.rung.name} did not help"
            return
        kept = min((other.made.seconds_left() for other in running), default=0.0)
        needed = max(entrant.made.a_fold + kept, entrant.made.seconds_left())
        entrant.stopped = self.search_context.too_long(needed)
        if entrant.stopped:
            return
        entrant.stopped = self._within(entrant.made.begin, entrant, kept)
        entrant.stopped = entrant.stopped or self._judged(entrant, kept)

    def _other_folds(self, entrant: Entrant, done: Sequence[Entrant]) -> None:
        # one of those that are complete is finished, or this one
        kept = max((other.made.seconds_to_finish() for other in done), default=0.0)
        while not (entrant.made.complete or entrant.stopped):
            needed = max(entrant.made.seconds_left(), entrant.made.a_fold + kept)
            too_long = self.search_context.too_long(needed)
            entrant.stopped = too_long or self._judged(entrant, kept)

    def _judged(self, entrant: Entrant, kept: float) -> str:
        """Judge one more fold; why it goes no further, empty where it does."""
        stopped = self._within(entrant.made.judge, entrant, kept)
        if stopped:
            return stopped
        lead = self._lead(entrant)
        if self.requested:
            return "it is worse" if lead.difference < 0 and lead.significant else ""
        goes_on = entrant.made.complete or promising(lead, len(entrant.made.vectors))
        return "" if goes_on else "it is not better"

    def _within(self, work: Callable[[], str | None], entrant: Entrant, kept: float) -> str:
        """Do it, unless it takes the seconds that are kept; why it failed, empty where not."""
        entrant.made.limit.at = time.monotonic() + self.search_context.run.left - kept
        try:
            return work() or ""
        except OutOfTime:
            return "the time ran out while it was trained"
        finally:
            entrant.made.limit.at = math.inf

    def _lead(self, entrant: Entrant) -> PairedTest:
        return self.search_context.comparison.lead(entrant.made.trial(), entrant.made.below)

    def _promise(self, entrant: Entrant) -> float:
        """What it may gain at best within a standard error, per second that it still takes."""
        lead = self._lead(entrant)
        gain = lead.difference + (lead.error or 0.0)
        return gain / max(entrant.made.seconds_left(), 1e-3)
