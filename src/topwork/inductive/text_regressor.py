"""The estimator for numbers of texts."""

from __future__ import annotations

from topwork.backbones import DEFAULT_FOR
from topwork.backbones.engines import EngineName
from topwork.inductive.item_regressor import ItemRegressor


class TextRegressor(ItemRegressor):
    """Predicts a number from a text: a pretrained network, frozen, with a ridge on top.

    Parameters
    ----------
    backbone
        ``SOURCE:NAME``, a bare name, or either with ``@FILE`` for local weights.
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
        Whether the median and a ridge on the words (TF-IDF) are judged beside the transfer, and
        the simplest of equals is used.
    error_rate
        How often the interval of a prediction may miss the true number.
    name_groups
        Whether texts whose names and contents say that they come from one source are kept
        together in every split.
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
    >>> import topwork as tw
    >>> tw.TextRegressor(n_folds=3).backbone
    'packaged:all-minilm-l6-v2'
    """

    _items = "text"

    def __init__(
        self,
        backbone: str = DEFAULT_FOR["text"],
        *,
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
        self.n_folds = n_folds
        self.max_bad = max_bad
        self.engine = engine
        self.cache = cache
        self.seed = seed
        self.baselines = baselines
        self.error_rate = error_rate
        self.name_groups = name_groups
        self.verbose = verbose
