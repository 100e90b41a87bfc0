"""The estimator for numbers of images."""

from __future__ import annotations

from topwork.backbones import DEFAULT_BACKBONE
from topwork.backbones.engines import EngineName
from topwork.data import Geometry
from topwork.inductive.item_regressor import ItemRegressor


class ImageRegressor(ItemRegressor):
    """Predicts a number from an image: a pretrained network, frozen, with a ridge on top.

    Parameters
    ----------
    backbone
        ``SOURCE:NAME``, a bare name, or either with ``@FILE`` for local weights.
    geometry
        How an image becomes a square: ``squeeze``, ``pad`` or ``crop``.
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
    baselines
        Whether the median and raw pixels are judged beside the transfer, and the simplest of
        equals is used.
    error_rate
        How often the interval of a prediction may miss the true number.
    name_groups
        Whether images that seem to come from one original (augmented copies, frames of a video),
        by their names and by what they look like, are kept together in every split.
    verbose
        Whether ``fit`` prints its progress.

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

    def __init__(
        self,
        backbone: str = DEFAULT_BACKBONE,
        *,
        geometry: Geometry = "squeeze",
        n_folds: int = 5,
        max_bad: float = 0.05,
        engine: EngineName = "auto",
        cache: bool = True,
        seed: int = 0,
        baselines: bool = True,
        error_rate: float = 0.1,
        name_groups: bool = True,
        verbose: bool = False,
    ) -> None:
        self.backbone = backbone
        self.geometry = geometry
        self.n_folds = n_folds
        self.max_bad = max_bad
        self.engine = engine
        self.cache = cache
        self.seed = seed
        self.baselines = baselines
        self.error_rate = error_rate
        self.name_groups = name_groups
        self.verbose = verbose
