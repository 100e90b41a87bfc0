"""The estimator for ordered classes of images."""

from __future__ import annotations

from dataclasses import dataclass

from topwork.inductive.ordinal.item_ordinal_classifier import ItemOrdinalClassifier
from topwork.settings import FramingSettings, with_parameters


@with_parameters(moved={})
@dataclass(kw_only=True, eq=False, repr=False)
class OrdinalImageClassifier(FramingSettings, ItemOrdinalClassifier):
    """Predicts one of several ordered classes per image: a frozen network, a cumulative logit head.

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
    >>> import numpy as np, topwork as tw
    >>> images = [np.full((16, 16, 3), level, np.uint8) for level in np.linspace(0, 250, 24)]
    >>> labels = ["dark"] * 8 + ["grey"] * 8 + ["light"] * 8
    >>> classifier = tw.OrdinalImageClassifier(
    ...     backbone="pixels", order=["dark", "grey", "light"], cache=False, name_groups=False
    ... )
    >>> [str(label) for label in classifier.fit(images, labels).predict(images[::12])]
    ['dark', 'grey']
    """

    _items = "image"
