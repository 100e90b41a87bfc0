"""Rows of a table as items: what their columns hold, and how the cells are read."""

from topwork.data.columns.cell_kinds import DATE_FORMATS, days_of
from topwork.data.columns.column_cells import (
    CategoryCells,
    ColumnCells,
    DateCells,
    LeftOut,
    NumberCells,
    TextCells,
    UsedCells,
)
from topwork.data.columns.column_reading import read_column, read_columns
from topwork.data.columns.number_writing import Comma, number_of
from topwork.data.columns.row_table import ROW, RowModality, RowTable, row_table

__all__ = [
    "DATE_FORMATS",
    "ROW",
    "CategoryCells",
    "ColumnCells",
    "Comma",
    "DateCells",
    "LeftOut",
    "NumberCells",
    "RowModality",
    "RowTable",
    "TextCells",
    "UsedCells",
    "days_of",
    "number_of",
    "read_column",
    "read_columns",
    "row_table",
]
