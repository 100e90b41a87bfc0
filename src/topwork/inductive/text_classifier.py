"""The estimator for texts."""

from __future__ import annotations

from dataclasses import dataclass

from topwork.inductive.item_classifier import MOVED, ItemClassifier
from topwork.settings import with_parameters


@with_parameters(moved=MOVED)
@dataclass(kw_only=True, eq=False, repr=False)
class TextClassifier(ItemClassifier):
    """A classifier of texts: a pretrained network with a new top, frozen or trained further.

    A string is a text itself; a :class:`pathlib.Path` names a ``.txt`` file, a folder or a table.
    With ``/long`` behind the name of a backbone, long texts are read to their end, as the mean of
    windows; with ``@FOLDER`` it is a local model of transformers.

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
    >>> import topwork as tw
    >>> classifier = tw.TextClassifier(n_folds=3)
    >>> classifier.n_folds
    3
    """

    _items = "text"
