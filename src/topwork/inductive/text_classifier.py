"""The estimator for texts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from topwork.backbones import DEFAULT_FOR
from topwork.backbones.engines import EngineName
from topwork.inductive.item_classifier import ItemClassifier
from topwork.settings import ClassWeight, Strategy


class TextClassifier(ItemClassifier):
    """A classifier of texts: a pretrained network with a new top, frozen or trained further.

    A string is a text itself; a :class:`pathlib.Path` names a ``.txt`` file, a folder or a table.

    Parameters
    ----------
    backbone
        ``SOURCE:NAME``, or that with ``@FOLDER`` for a local model of transformers. With ``/long``
        behind the name, long texts are read to their end, as the mean of windows.
    class_weight
        ``balanced`` makes rare classes weigh as much as frequent ones.
    n_folds
        Folds of the cross-validation that judges the model.
    max_bad
        The fraction of items that may be unreadable in ``fit``.
    engine
        ``openvino``, ``torch``, or ``auto`` to choose by device.
    cache
        Whether features are kept for the next run.
    seed
        Of the folds.
    strategy
        ``probe`` (a head on the frozen network), ``auto`` (goes on as long as it pays),
        ``partial``, ``full``, ``lora`` or ``pairs``.
    minutes
        How long ``auto`` may take.
    baselines
        Whether simple models are judged beside the transfer, and the simplest of equals is
        returned.
    thorough
        Whether to judge on three divisions into folds, and to tell what more labels would bring
        and where the model fails.
    costs
        For two classes: what it costs to take an item of each for the other one; 1 where it
        isn't said.
    error_rate
        How often a prediction set may miss the right class.
    false_alarm_rate
        How often a text of a known class may be called unknown.
    start
        A saved model to go on from with new classes or new texts.
    unlabelled
        Texts of the same kind without labels: a folder, a table with a column ``text``, or a list
        of texts. What learns from them ships if it does better on the folds.
    name_groups
        Whether texts whose names and contents say that they come from one source are kept
        together in every split.
    verbose
        Whether ``fit`` prints its progress.

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
    >>> classifier.backbone
    'packaged:all-minilm-l6-v2'
    """

    _items = "text"

    def __init__(
        self,
        backbone: str = DEFAULT_FOR["text"],
        *,
        class_weight: ClassWeight = None,
        n_folds: int = 5,
        max_bad: float = 0.05,
        engine: EngineName = "auto",
        cache: bool = True,
        seed: int = 0,
        strategy: Strategy = "probe",
        minutes: float = 10.0,
        baselines: bool = True,
        thorough: bool = False,
        costs: Mapping[str, float] | None = None,
        error_rate: float = 0.1,
        false_alarm_rate: float = 0.05,
        start: str | Path | None = None,
        unlabelled: Any = None,
        name_groups: bool = True,
        verbose: bool = False,
    ) -> None:
        self.backbone = backbone
        self.class_weight = class_weight
        self.n_folds = n_folds
        self.max_bad = max_bad
        self.engine = engine
        self.cache = cache
        self.seed = seed
        self.strategy = strategy
        self.minutes = minutes
        self.baselines = baselines
        self.thorough = thorough
        self.costs = costs
        self.error_rate = error_rate
        self.false_alarm_rate = false_alarm_rate
        self.start = start
        self.unlabelled = unlabelled
        self.name_groups = name_groups
        self.verbose = verbose
