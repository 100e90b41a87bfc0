"""Columns of a table as numbers: an encoding that is learnt once and kept."""

from topwork.features.columns.encoding import (
    CategoryEncoding,
    ColumnEncoding,
    DateEncoding,
    LeftOutColumn,
    NumberEncoding,
)
from topwork.features.columns.learning import learn_encoding

__all__ = [
    "CategoryEncoding",
    "ColumnEncoding",
    "DateEncoding",
    "LeftOutColumn",
    "NumberEncoding",
    "learn_encoding",
]
