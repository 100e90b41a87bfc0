"""The estimator for numbers of images."""

from __future__ import annotations

from dataclasses import dataclass

from topwork.inductive.numbers.item_regressor import ItemRegressor
from topwork.settings import FramingSettings, with_parameters


@with_parameters(moved={})
@dataclass(kw_only=True, eq=False, repr=False)
class ImageRegressor(FramingSettings, ItemRegressor):
    """Predicts a number from an image: a pretrained network, frozen, with a ridge on top.

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
    >>> import numpy as np, topwork as tw
    >>> levels = np.linspace(10, 240, 24)
    >>> images = [np.full((16, 16, 3), level, np.uint8) for level in levels]
    >>> regressor = tw.ImageRegressor(backbone="pixels", cache=False, name_groups=False)
    >>> bool(abs(regressor.fit(images, levels).predict(images[:1])[0] - 10) < 30)
    True
    """

    _items = "image"
