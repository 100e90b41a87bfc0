"""A fitted model that assigns rows of tables to clusters."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from topwork.data.columns import RowModality, RowTable, row_table
from topwork.model.card import RowCard
from topwork.model.clusters.predictions import UNREAD, ClusterPredictions
from topwork.model.parts import RowParts
from topwork.model.sealed_model import SealedModel, check_complete


class RowClusterModel(SealedModel):
    """A fitted clustering of the rows of a table; ``topwork.load`` gives one.

    The same row is in the same cluster for ever, whatever other rows are beside it.

    Parameters
    ----------
    parts
        What it is made of.
    engine
        Not used: there is no network.
    keep
        Whatever has to live as long as the model, such as a temporary folder.
    """

    parts: RowParts

    @property
    def card(self) -> RowCard:
        """Everything about the model that isn't a tensor."""
        return self.parts.card

    @property
    def kind(self) -> RowModality:
        """How its items are read."""
        return RowModality()

    @property
    def names(self) -> list[str]:
        """What the k clusters are called, the largest first."""
        return self.card.names

    def predict(self, inputs: Any, *, bad: Literal["raise", "none"] = "raise") -> NDArray[np.int64]:
        """The nearest cluster of each row, int64 ``(n,)``, from 0.

        Parameters
        ----------
        inputs
            A table in a file, a data frame, or a dictionary of columns, with the columns that the
            model was made from; others are not looked at.
        bad
            What to do with rows that can't be read: ``raise`` names them, ``none`` gives -1 in
            their place.

        Raises
        ------
        DataError
            There is no such table, or it lacks a column.
        BadItemsError
            Some rows can't be read, and ``bad`` is ``raise``.
        """
        table = self.checked(inputs)
        found = self.predictions(table)
        check_complete(found.rejected, found.remarks, table.n_all, bad)
        codes = np.full(table.n_all, UNREAD, np.int64)
        codes[found.kept] = found.codes
        return codes

    def predictions(self, inputs: Any) -> ClusterPredictions:
        """The nearest cluster of each row, with its distances; bad ones are in ``rejected``.

        Parameters
        ----------
        inputs
            As for :meth:`predict`.
        """
        table = self.checked(inputs)
        nearness = self.parts.space.nearness(self.card.encoding.transform(table.columns))
        codes = nearness.argmax(axis=1) if len(table) else np.empty(0, np.int64)
        own = nearness[np.arange(len(codes)), codes]
        return ClusterPredictions(
            cluster_names=self.names,
            kept=table.kept,
            names=list(table.names),
            keys=table.keys(),
            codes=codes.astype(np.int64),
            cosines=nearness,
            outliers=own < self.parts.space.least[codes],
            rejected=list(table.rejected.values()),
        )

    def checked(self, inputs: Any) -> RowTable:
        """The columns of a table that the model looks at.

        Raises
        ------
        DataError
            It lacks some.
        """
        return row_table(inputs).only(self.card.encoding.names)

    def _facts(self) -> dict[str, object]:
        return {"kind": self.card.kind, "task": "clusters", "clusters": len(self.names),
                "columns": len(self.card.encoding.columns)}  # fmt: skip
