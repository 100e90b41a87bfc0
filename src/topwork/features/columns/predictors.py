"""The columns of a table as numbers to predict from."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from topwork.data.columns import LeftOut, read_columns
from topwork.features.columns.encoding import Cells, ColumnEncoding
from topwork.features.columns.learning import learn_encoding

MIN_SHARE: Final = 0.005
"""Share of the rows that a category, a word or a mark of missing cells stands for at least."""


def learn_predictors(
    columns: Mapping[str, Cells],
    *,
    categorical: Collection[str] = (),
    without: Mapping[str, str] | None = None,
) -> tuple[ColumnEncoding, list[str]]:
    """How columns become numbers to predict from, and sentences on how some were read.

    Numbers are standardised, or brought near by the inverse hyperbolic sine where some are far
    away; categories are one column each, rare ones joined, and so are the frequent words of texts;
    of dates the day, and month and weekday where they vary. A missing number is the mean, with a
    mark of its own where several rows lack it. Constant columns, copies of others and identifiers
    are left out; ``left_out`` of the encoding says so. No target is looked at, so that rows of all
    folds may be learnt from.

    Parameters
    ----------
    columns
        The n cells of each, as text.
    categorical
        Columns that hold categories, whatever these look like.
    without
        Why columns are left out, by name.

    Raises
    ------
    topwork.errors.DataError
        There are more columns, or longer categories, than a model may hold.

    Examples
    --------
    >>> columns = {"age": ["31", "48", "60", "25"] * 5, "city": ["Bern", "Chur"] * 10}
    >>> encoding, _ = learn_predictors({**columns, "land": ["CH"] * 20})
    >>> encoding.features, [one.reason for one in encoding.left_out]
    (['age', 'city: Bern', 'city: Chur'], ['one value'])
    >>> encoding.missing({"city": ["Bern"]}), encoding.transform({"city": ["Bern"]}).shape
    (['age'], (1, 3))
    """
    without = without or {}
    kept = {name: cells for name, cells in columns.items() if name and name not in without}
    found, hints = read_columns(kept, categorical, texts=True, coarser=True)
    found += [LeftOut(name, "it has no name") for name in columns if not name]
    found += [LeftOut(name, why) for name, why in without.items() if name in columns]
    return learn_encoding(found, linear=True, min_share=MIN_SHARE), hints
