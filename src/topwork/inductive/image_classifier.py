"""The estimator for images."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from topwork.backbones import DEFAULT_BACKBONE
from topwork.backbones.engines import EngineName
from topwork.data import Geometry
from topwork.inductive.item_classifier import ItemClassifier
from topwork.settings import ClassWeight, Strategy


class ImageClassifier(ItemClassifier):
    """A classifier of images: a pretrained network, frozen, with a new top.

    Parameters
    ----------
    backbone
        ``SOURCE:NAME``, a bare name, or either with ``@FILE`` for local weights; ``auto`` ranks a
        shortlist on the items and takes the first.
    geometry
        How a picture becomes a square: ``squeeze``, ``pad`` or ``crop``.
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
        ``probe`` puts a head on the frozen network; ``auto`` goes on as long as it pays.
    minutes
        How long ``auto`` may take in all.
    baselines
        Whether simple models are judged beside the transfer, and the simplest of equals is
        returned.
    thorough
        Whether to judge on three divisions into folds, with the untrained network as one more
        baseline, and to tell what more labels would bring and where the model fails.
    costs
        For two classes: what it costs to take an item of each for the other one; 1 where it
        isn't said.
    error_rate
        How often a prediction set may miss the right class.
    false_alarm_rate
        How often an image of a known class may be called unknown.
    int8
        Whether the network runs in 8-bit integers, if the folds say that nothing is lost.
    start
        A saved model to go on from with new classes or new images; its network and its classes
        are kept, and so is what it remembers of its images.
    unlabelled
        Images of the same kind without labels: a folder, a table with a column ``path``, or a list
        of paths or images. What learns from them ships if it does better on the folds.
    name_groups
        Whether images that seem to come from one original (augmented copies, frames of a video),
        by their names and by what they look like, are kept together in every split.
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
    >>> import numpy as np, topwork as tw
    >>> rng = np.random.default_rng(0)
    >>> dark = list(rng.integers(0, 90, (6, 32, 32, 3), dtype=np.uint8))
    >>> light = list(rng.integers(160, 255, (6, 32, 32, 3), dtype=np.uint8))
    >>> classifier = tw.ImageClassifier(backbone="pixels", cache=False)
    >>> classifier.fit(dark + light, ["dark"] * 6 + ["light"] * 6).predict(light[:1]).tolist()
    ['light']
    """

    _items = "image"

    def __init__(
        self,
        backbone: str = DEFAULT_BACKBONE,
        *,
        geometry: Geometry = "squeeze",
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
        int8: bool = False,
        start: str | Path | None = None,
        unlabelled: Any = None,
        name_groups: bool = True,
        verbose: bool = False,
    ) -> None:
        self.backbone = backbone
        self.geometry = geometry
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
        self.int8 = int8
        self.start = start
        self.unlabelled = unlabelled
        self.name_groups = name_groups
        self.verbose = verbose
