"""Within what the numbers of an inspector must lie, and how its files must fit together."""

from __future__ import annotations

from typing import NoReturn

import numpy as np

from topwork.calibration.false_alarms import GoodScores
from topwork.data import Framing
from topwork.data.preprocessing.framing import WHOLE
from topwork.errors import DataError
from topwork.heads.inspection.normality import DESCRIPTIONS, Normality
from topwork.model.cards.inspector_card import InspectorCard
from topwork.model.storage.limits import Shapes, check_network
from topwork.model.storage.refusal import refusal
from topwork.model.training_items import TrainingParts
from topwork.settings.inspection import MAX_FALSE_ALARMS

PARTS: Shapes = {"scores": ("n",), "groups": ("n",), "keys": ("n", "16")}

MAX_MAPS = 4
MAX_CHANNELS = 4096
MAX_SIDE = 128
MAX_AXES = 512
MAX_PATCHES = 100_000
MAX_VALUES = 2**27
"""Of the distributions of all places together."""

_ROUNDING = 1e-6


def check_inspector_card(card: InspectorCard) -> None:
    """Refuse a card whose numbers are out of range or contradict each other.

    Raises
    ------
    BundleError
        Some number or text is.
    """
    check_network(card)
    framing = card.framing
    if not isinstance(framing, Framing) or framing.mirrored or framing.window != WHOLE:
        _bad("a framing that no inspector has")
    if framing.geometry != "squeeze":
        _bad("a geometry that no inspector has")
    if not 1 <= len(card.maps) <= MAX_MAPS:
        _bad("no maps, or too many")
    for channels, rows, columns in card.maps:
        if not (1 <= channels <= MAX_CHANNELS and min(rows, columns) >= 1):
            _bad("a map without channels or places")
        if max(rows, columns) > MAX_SIDE:
            _bad("a map that is too large")
    rows, columns = card.places
    if not 1 <= card.n_axes <= min(MAX_AXES, sum(one[0] for one in card.maps)):
        _bad("a number of axes that is out of range")
    remembers = card.head == "patch-memory"
    if not (1 <= card.n_patches <= MAX_PATCHES if remembers else card.n_patches == 0):
        _bad("a number of patches that is out of range")
    if not remembers and rows * columns * card.n_axes**2 > MAX_VALUES:
        _bad("distributions that are too large")
    if not 0 < card.false_alarms <= MAX_FALSE_ALARMS or not 0 <= card.threshold < np.inf:
        _bad("a promise or threshold that is out of range")


def check_inspector(card: InspectorCard, head: Normality, training: TrainingParts) -> None:
    """Refuse arrays of other types, and scores from which another threshold follows.

    Raises
    ------
    BundleError
        They are.
    """
    for name in DESCRIPTIONS[card.head].shapes:
        if getattr(head, name).dtype != np.float32:
            raise refusal(f"{name} in head.safetensors is of another type.", code="bad_tensors")
    types = {"scores": np.float64, "groups": np.int32, "keys": np.uint8}
    for name, kind in types.items():
        if getattr(training, name).dtype != kind or not len(training.scores):
            raise refusal(f"{name} in training.safetensors are none.", code="bad_tensors")
    try:
        good = GoodScores.of(training.scores, training.groups)
        own = good.threshold(card.false_alarms)
    except DataError as error:
        raise refusal("model.json promises more than its parts allow.", code="bad_card") from error
    if not abs(own - card.threshold) <= _ROUNDING * max(1.0, abs(own)):
        _bad("a threshold that does not follow from the scores of its good parts")


def _bad(what: str) -> NoReturn:
    raise refusal(f"model.json says {what}.", code="bad_card")
