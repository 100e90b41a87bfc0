"""How far the search has come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from topwork.features.opened_backbone import OpenedBackbone, open_backbone
from topwork.search.rungs.tuned import TunedRung
from topwork.search.search_context import SearchContext
from topwork.trials.trial import Trial


@dataclass(eq=False)
class SearchState:
    """What was tried so far, and what rungs may build on.

    Parameters
    ----------
    first
        The probe.
    trials
        Of the rungs above it, in the order of the ladder.
    trained
        Those that train the network and were judged on all folds, with their fits.
    """

    first: Trial
    search_context: SearchContext
    trials: list[Trial] = field(default_factory=list)
    trained: list[tuple[Trial, TunedRung]] = field(default_factory=list)
    _opened: dict[str, OpenedBackbone] = field(default_factory=dict)

    @property
    def best(self) -> Trial:
        """Of all that were tried, the probe among them."""
        return self._best_of([self.first, *self.trials])

    @property
    def best_frozen(self) -> Trial:
        """Of those on frozen networks that learnt from labelled items alone."""
        found = (t for t in self.trials if t.finish is None and t.instead_of is None)
        return self._best_of([self.first, *(t for t in found if not t.unlabelled)])

    def opened(self, backbone: str) -> OpenedBackbone:
        """A frozen network, opened once."""
        if backbone not in self._opened:
            self._opened[backbone] = open_backbone(backbone, self.search_context.run.settings)
        return self._opened[backbone]

    def _best_of(self, trials: Sequence[Trial]) -> Trial:
        best, _ = self.search_context.comparison.choose(trials, self.first)
        return trials[best]
