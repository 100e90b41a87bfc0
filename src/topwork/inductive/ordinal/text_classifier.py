"""The estimator for ordered classes of texts."""

from __future__ import annotations

from dataclasses import dataclass

from topwork.inductive.ordinal.item_ordinal_classifier import ItemOrdinalClassifier
from topwork.settings import with_parameters


@with_parameters(moved={})
@dataclass(kw_only=True, eq=False, repr=False)
class OrdinalTextClassifier(ItemOrdinalClassifier):
    """Predicts one of several ordered classes per text: a frozen network, a cumulative logit head.

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    model_
        The fitted :class:`topwork.model.OrdinalModel`.
    result_
        Scores with intervals, rejected items, seconds.
    classes_
        The k labels, from low to high.

    Examples
    --------
    >>> import topwork as tw
    >>> tw.OrdinalTextClassifier(order=["bad", "fair", "good"]).order
    ['bad', 'fair', 'good']
    """

    _items = "text"
