"""The estimator for images."""

from __future__ import annotations

from dataclasses import dataclass

from topwork.inductive.item_classifier import MOVED, ItemClassifier
from topwork.settings import ImageSettings, with_parameters


@with_parameters(moved=MOVED)
@dataclass(kw_only=True, eq=False, repr=False)
class ImageClassifier(ImageSettings, ItemClassifier):
    """A classifier of images: a pretrained network, frozen, with a new top.

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    classes_
        The labels, ``(k,)``.
    model_
        The fitted :class:`topwork.Model`.
    result_
        Scores with intervals, rejected items, seconds.

    Examples
    --------
    >>> import numpy as np, topwork as tw
    >>> rng = np.random.default_rng(0)
    >>> dark = list(rng.integers(0, 90, (6, 32, 32, 3), dtype=np.uint8))
    >>> light = list(rng.integers(160, 255, (6, 32, 32, 3), dtype=np.uint8))
    >>> classifier = tw.ImageClassifier(backbone="pixels", cache=False)
    >>> classifier.fit(dark + light, ["dark"] * 6 + ["light"] * 6).predict(light[:1]).tolist()
    ['light']
    """

    _items = "image"
