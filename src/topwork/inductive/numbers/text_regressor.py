"""The estimator for numbers of texts."""

from __future__ import annotations

from dataclasses import dataclass

from topwork.inductive.numbers.item_regressor import ItemRegressor
from topwork.settings import with_parameters


@with_parameters(moved={})
@dataclass(kw_only=True, eq=False, repr=False)
class TextRegressor(ItemRegressor):
    """Predicts a number from a text: a pretrained network, frozen, with a ridge on top.

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    model_
        The fitted :class:`topwork.model.NumberModel`.
    result_
        Scores with intervals, rejected items, seconds.

    Examples
    --------
    >>> import topwork as tw
    >>> tw.TextRegressor(n_folds=3).n_folds
    3
    """

    _items = "text"
