"""The estimator for several labels of texts."""

from __future__ import annotations

from dataclasses import dataclass

from topwork.inductive.labels.item_tagger import ItemTagger
from topwork.settings import with_parameters


@with_parameters(moved={})
@dataclass(kw_only=True, eq=False, repr=False)
class TextTagger(ItemTagger):
    """Predicts several labels per text: a pretrained network, frozen, a logistic head per label.

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
    >>> import topwork as tw
    >>> tw.TextTagger(n_folds=3).n_folds
    3
    """

    _items = "text"
