"""Columns of a table as numbers: an encoding that is learnt once and kept."""

from topwork.features.columns.encoding import (
    CategoryEncoding,
    ColumnEncoding,
    DateEncoding,
    LeftOutColumn,
    NumberEncoding,
    WordsEncoding,
)
from topwork.features.columns.learning import learn_encoding
from topwork.features.columns.predictors import learn_predictors

__all__ = [
    "CategoryEncoding",
    "ColumnEncoding",
    "DateEncoding",
    "LeftOutColumn",
    "NumberEncoding",
    "WordsEncoding",
    "learn_encoding",
    "learn_predictors",
]
