"""The estimator for several labels of images."""

from __future__ import annotations

from dataclasses import dataclass

from topwork.inductive.labels.item_tagger import ItemTagger
from topwork.settings import FramingSettings, with_parameters


@with_parameters(moved={})
@dataclass(kw_only=True, eq=False, repr=False)
class ImageTagger(FramingSettings, ItemTagger):
    """Predicts several labels per image: a pretrained network, frozen, a logistic head per label.

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    model_
        The fitted :class:`topwork.model.LabelsModel`.
    result_
        Scores with intervals, rejected items, seconds.
    classes_
        The L labels, in the order of the columns of ``predict``.

    Examples
    --------
    >>> import numpy as np, topwork as tw
    >>> images = [np.full((16, 16, 3), level, np.uint8) for level in np.linspace(0, 250, 24)]
    >>> labels = [["dark", "night"]] * 6 + [["dark"]] * 6 + [["light"]] * 12
    >>> tagger = tw.ImageTagger(backbone="pixels", cache=False, name_groups=False)
    >>> tagger.fit(images, labels).classes_.tolist()
    ['dark', 'light', 'night']
    """

    _items = "image"
