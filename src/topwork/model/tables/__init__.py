"""Fitted models that predict from the columns of a table, what they say and how they are judged."""

from topwork.model.tables.classes import TableClassifierModel
from topwork.model.tables.model import TableModel, TableWarning
from topwork.model.tables.numbers import TableNumberModel

__all__ = ["TableClassifierModel", "TableModel", "TableNumberModel", "TableWarning"]
