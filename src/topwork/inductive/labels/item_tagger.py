"""What the taggers of all modalities have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Self

import numpy as np
from sklearn.base import BaseEstimator

from topwork.data import Dataset, ModalityName
from topwork.inductive.fitted_head import fit_estimator, read_targets
from topwork.inductive.labels.fitting import fit_labels
from topwork.model.card import NetworkCard
from topwork.model.labels.answering import LabelsPredictor
from topwork.settings import JudgingSettings, MissSettings, RunSettings, Setting


@dataclass(kw_only=True, eq=False, repr=False)
class ItemTagger(
    LabelsPredictor,
    BaseEstimator,  # type: ignore[misc]
    RunSettings,
    MissSettings,
    JudgingSettings,
):
    """Fits and asks a model; a subclass says of which items, and which settings it offers."""

    _items: ClassVar[ModalityName]

    verbose: Annotated[bool, Setting("Whether ``fit`` prints its progress.")] = False

    def fit(self, X: Any, y: Any = None, *, groups: Any = None, columns: Any = None) -> Self:
        """Fit on items with several labels.

        Parameters
        ----------
        X
            A :class:`topwork.Dataset`, a table, or a list of items.
        y
            Where X doesn't tell them: n lists, sets or tuples of labels; a matrix ``(n, L)`` of 0
            and 1, dense or sparse, with -1 or NaN for unknown; a frame of such columns; or n texts
            with separators.
        groups
            What must not be split between folds ``(n,)``: patient, video, plant.
        columns
            What stands beside the items: a data frame with a row per item; of a table, names of its
            further columns, none for ``()``. By default all of a table are tried. They are used
            where they help; see ``result_.columns``.

        Raises
        ------
        DataError
            The data can't be used.
        ParameterError
            A parameter of the constructor can't be used.
        """
        fit_estimator(
            self,
            fit_labels,
            lambda: self._read(X, y, split="train", groups=groups, columns=columns),
        )
        self.classes_ = np.array(self.model_.labels)
        return self

    def score(self, X: Any, y: Any = None, *, columns: Any = None) -> float:
        """Macro F1 on items with labels; 0 where none of them has any."""
        model = self._fitted_model()
        data = self._read(X, y, split="test_or_all", columns=columns, card=model.card)
        found = model.evaluate(data, cache=False)
        return 0.0 if found.scores.macro_f1 is None else found.scores.macro_f1.value

    def _read(
        self,
        X: Any,
        y: Any,
        *,
        split: Any,
        groups: Any = None,
        columns: Any = None,
        card: NetworkCard | None = None,
    ) -> Dataset:
        return read_targets(
            X,
            y,
            task="labels",
            items=self._items,
            split=split,
            groups=groups,
            columns=columns,
            card=card,
        )
