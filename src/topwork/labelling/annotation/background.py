"""What runs while people answer: reading, features, and a new plan after each ten answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Thread

import numpy as np

from topwork.intake.collection import Collection
from topwork.labelling.annotation.naming import NamesOf, Rows
from topwork.labelling.annotation.planning import make_plan
from topwork.labelling.annotation.proposing import Propose
from topwork.labelling.annotation.session import Sitting
from topwork.runtime.progress import Progress

Featuring = Callable[[Progress], Collection]

_PATIENCE = 0.5
_AT_ONCE = 32
_STEPS = 5
"""Plans between two of those that say what more labels would bring."""


@dataclass(eq=False)
class Planner:
    """A thread that feeds a sitting.

    Parameters
    ----------
    sitting
        Where answers come from and plans go to.
    features
        Reads all items into the store and gives their features; ``None`` where none are of use.
    propose
        What gives the answers of a model that is there already.
    names
        Gives features of the names of the classes; ``None`` where names propose nothing.
    seed
        Of k-means and folds.
    network
        The name of the network, once it is known.
    failed
        Is called where no item can be asked about.
    """

    sitting: Sitting
    features: Featuring | None
    propose: Propose | None = None
    names: NamesOf | None = None
    seed: int = 0
    network: str = ""
    failed: Callable[[], None] = lambda: None
    _thread: Thread | None = field(default=None, repr=False)

    def start(self) -> None:
        """Begin."""
        self._thread = Thread(target=self._run, name="planner", daemon=True)
        self._thread.start()

    def join(self, seconds: float) -> None:
        """Wait for it to end."""
        if self._thread is not None:
            self._thread.join(seconds)

    def _run(self) -> None:
        try:
            self._work()
        except BaseException as error:
            self.sitting.failed(error)
            if not self.sitting.keys:
                self.failed()

    def _work(self) -> None:
        sitting = self.sitting
        n = len(sitting.items)
        sitting.read(sitting.items.keys(lambda done: sitting.tell("Reading", done, n)))
        sitting.tell("Features", 0, n)
        if self.propose is not None:
            self._propose(self.propose)
        if self.features is None:
            sitting.tell("", 0, 0)
            return
        collection = self.features(lambda done, of: sitting.tell("Features", done, of))
        X = _aligned(collection, sitting.keys)
        self.network = collection.network
        sitting.leave_out(set(sitting.keys) - set(collection.keys))
        sitting.tell("", 0, 0)
        n_plans = 0
        known = sitting.known()
        while not sitting.ended:
            names = self.names(collection, known.classes) if self.names else None
            told = n_plans % _STEPS == 0
            sitting.plan(make_plan(X, known, names=names, seed=self.seed, step=told))
            n_plans += 1
            while (due := sitting.wait_for_change(_PATIENCE)) is None:
                if sitting.ended:
                    return
            known = due

    def _propose(self, propose: Propose) -> None:
        items = self.sitting.items
        waiting = self.sitting.open_rows()
        for start in range(0, len(waiting), _AT_ONCE):
            if self.sitting.ended:
                return
            some = waiting[start : start + _AT_ONCE]
            found = propose([items.item(row) for _, row in some])
            self.sitting.propose({some[place][0]: one for place, one in found.items()})
            self.sitting.tell("Proposals", start + len(some), len(waiting))


def _aligned(collection: Collection, keys: tuple[bytes, ...]) -> Rows:
    """Features in the order of the keys; of an item that can't be decoded the mean of all."""
    X = np.asarray(collection.features, np.float32)
    places = {key: place for place, key in enumerate(collection.keys)}
    mean = X.mean(axis=0)
    return np.stack([X[places[key]] if key in places else mean for key in keys])
