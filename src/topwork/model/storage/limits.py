"""Within what a model's numbers and texts must lie, and how its files must fit together."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from topwork.backbones import InputSpec, TokenInput
from topwork.data import HASHED, MODALITIES, Framing, Tokenizing
from topwork.data.tables.table import COLUMNS
from topwork.model.card import Card, ClusterCard, NetworkCard
from topwork.model.cards.table_card import TableClassCard
from topwork.model.head_card import LabelsCard, NumberCard, OrdinalCard
from topwork.model.storage.refusal import refusal
from topwork.tasks.number.intervals import IntervalRule
from topwork.tasks.number.transform import MAX_KNOTS, Transform

MAX_SIDE = 2048
MAX_TOKENS = 65_536
"""Of a text, in all windows together."""

MAX_VOCABULARY = 2_000_000
MAX_LABELS = 100_000
MAX_NUMBER = 1e300
MAX_LOG = 500.0
MAX_CHARACTERS = 10_000
"""Of a label, a name, a digest."""

Shapes = Mapping[str, tuple[str, ...]]

STATISTICS: Shapes = {
    "means": ("k", "d"),
    "counts": ("k",),
    "covariance": ("d", "d"),
    "rehearsal": ("r", "d"),
    "rehearsal_codes": ("r",),
    "rehearsal_groups": ("r",),
    "codes": ("n",),
    "groups": ("n",),
    "keys": ("n", "16"),
    "rehearsal_logits": ("r", "k"),
    "sketches": ("n", "99"),
    "adapted": ("t", "d"),
    "adapted_codes": ("t",),
    "hashed": ("r", str(HASHED)),
    "adapted_keys": ("u", "16"),
    "labelled_keys": ("l", "16"),
}
SPACE: Shapes = {
    "centre": ("d",),
    "axes": ("d", "a"),
    "gains": ("a",),
    "directions": ("d", "c"),
    "lengths": ("c",),
    "weights": ("2",),
    "usual": ("2",),
}
TRAINING: Shapes = {
    "codes": ("n",),
    "groups": ("n",),
    "keys": ("n", "16"),
    "sketches": ("s", "99"),
}
REHEARSED: Shapes = {
    **TRAINING,
    "rehearsal": ("r", "w"),
    "rehearsal_codes": ("r",),
    "rehearsal_groups": ("r",),
}
NUMBERS: Shapes = {**REHEARSED, "numbers": ("n",)}
LABELS: Shapes = {**REHEARSED, "presence": ("n", "k")}
IMAGES: Shapes = {**TRAINING, "pooled": ("r", "c"), "pooled_groups": ("r",)}
CLUSTERS: Shapes = {
    "mean": ("d",),
    "axes": ("d", "a"),
    "centres": ("k", "a"),
    "least": ("k",),
    "codes": ("n",),
    "keys": ("n", "16"),
}
NUMBER_OUTPUTS = 2
"""Of a regressor's head: the prediction, and the logarithm of the size of its residual."""

HEAD: Shapes = {"weight": ("d", "k"), "bias": ("k",), "normalise": ("1",)}
HEAD_BESIDE: Shapes = {**HEAD, "beside": ("z", "k"), "beside_mean": ("z",)}
"""With columns beside the items."""
HEAD_IMAGES: Shapes = {**HEAD_BESIDE, "images": ("y", "d", "k"), "images_mean": ("y", "d")}
"""And with further images."""


def check_card(card: Card) -> None:
    """Refuse a card whose numbers are out of range or contradict each other.

    Raises
    ------
    BundleError
        Some number or text is.
    """
    check_network(card)
    check_classes(card)
    _within("threshold", card.threshold, 0, 1)
    _within("unknown_threshold", card.unknown_threshold, -1e12, 1e12)
    _within("false_alarm_rate", card.false_alarm_rate, 0, 1)
    if card.threshold is not None and len(card.labels) != 2:
        _bad("a threshold for other than two classes")


def check_classes(card: Card | TableClassCard) -> None:
    """The same of its classes and their probabilities; see `check_card`."""
    if not 1 <= len(card.labels) <= MAX_LABELS:
        _bad(f"{len(card.labels)} labels")
    if len({(type(label), label) for label in card.labels}) < len(card.labels):
        _bad("a label twice")
    if not all(math.isfinite(n) for n in card.labels if isinstance(n, float)):
        _bad("a label that is no number")
    _within("temperature", card.temperature, 1e-6, 1e6)
    if card.sets is not None:
        _within("sets.error_rate", card.sets.error_rate, 0, 1)
        _within("sets.least", card.sets.least, 0, 1)


def check_number_card(card: NumberCard) -> None:
    """The same of a regressor.

    Raises
    ------
    BundleError
        Some number or text is out of range, or they contradict each other.
    """
    check_network(card)
    check_intervals(card.transform, card.intervals)


def check_intervals(scale: Transform, rule: IntervalRule) -> None:
    """The same of the scale of numbers and of intervals; see `check_number_card`."""
    for name in ("location", "least", "most"):
        _within(f"transform.{name}", getattr(scale, name), -MAX_NUMBER, MAX_NUMBER)
    _within("transform.scale", scale.scale, 1 / MAX_NUMBER, MAX_NUMBER)
    if not scale.least < scale.most or (scale.name == "log" and scale.least <= 0):
        _bad("no range of numbers")
    _check_knots(scale)
    _within("intervals.error_rate", rule.error_rate, 0, 1)
    _within("intervals.factor", rule.factor, 0, MAX_NUMBER)
    for name in ("least", "most"):
        _within(f"intervals.{name}", getattr(rule, name), -MAX_LOG, MAX_LOG)


def check_labels_card(card: LabelsCard) -> None:
    """The same of a model of several labels.

    Raises
    ------
    BundleError
        Some number or text is out of range, or they contradict each other.
    """
    check_network(card)
    if not 1 <= len(card.labels) <= MAX_LABELS or len(set(card.labels)) < len(card.labels):
        _bad(f"{len(card.labels)} labels, or one twice")
    if len(card.thresholds) != len(card.labels):
        _bad("labels and thresholds that do not belong together")
    for threshold in card.thresholds:
        _within("a threshold", threshold, 0, 1)
    if card.miss is not None:
        _within("miss.target", card.miss.target, 0, 1)
        _within("miss.shift", card.miss.shift, -MAX_LOG, MAX_LOG)


def check_ordinal_card(card: OrdinalCard) -> None:
    """The same of a model of ordered classes.

    Raises
    ------
    BundleError
        Some number or text is out of range, or they contradict each other.
    """
    check_network(card)
    if not 2 <= len(card.labels) <= MAX_LABELS:
        _bad(f"{len(card.labels)} labels")
    if len({(type(label), label) for label in card.labels}) < len(card.labels):
        _bad("a label twice")
    if not all(math.isfinite(n) for n in card.labels if isinstance(n, float)):
        _bad("a label that is no number")
    _within("sets.error_rate", card.sets.error_rate, 0, 1)
    _within("sets.most", card.sets.most, 0, 1)


def check_presence(presence: NDArray[Any]) -> None:
    """Refuse what says something else of labels than that they are there, are not, or unknown.

    Raises
    ------
    BundleError
        It does.
    """
    if presence.dtype != np.int8 or (
        presence.size and not -1 <= presence.min() <= presence.max() <= 1
    ):
        raise refusal("presence in training.safetensors is none.", code="bad_tensors")


def check_cluster_card(card: ClusterCard) -> None:
    """The same of a clustering.

    Raises
    ------
    BundleError
        Some number or text is out of range, or they contradict each other.
    """
    check_network(card)
    if not 2 <= len(card.names) <= MAX_LABELS:
        _bad(f"{len(card.names)} clusters")


def _check_knots(scale: Transform) -> None:
    numbers, scores = np.array(scale.numbers), np.array(scale.scores)
    if len(numbers) != len(scores) or len(numbers) > MAX_KNOTS:
        _bad("knots that do not belong together")
    if scale.name != "rank":
        if len(numbers):
            _bad("knots that nothing uses")
        return
    for values in (numbers, scores):
        if len(values) < 2 or not np.isfinite(values).all() or not (np.diff(values) > 0).all():
            _bad("knots that do not increase")


def check_network(card: NetworkCard) -> None:
    """The same of what models of every task say.

    Raises
    ------
    BundleError
        Some number or text is out of range, or they contradict each other.
    """
    for text in texts_in(card.model_dump()):
        if len(text) > MAX_CHARACTERS:
            _bad("a text that is too long")
    if not card.columns.keys() <= set(COLUMNS):
        _bad("names of columns that no table has")
    if card.input.takes != MODALITIES[card.kind].network:
        _bad(f"the input of a network for {card.input.takes}s, but a model for {card.kind}s")
    if isinstance(card.input, InputSpec) and isinstance(card.framing, Framing):
        _check_image(card.input, card.framing)
    elif isinstance(card.framing, Tokenizing) and not isinstance(card.input, InputSpec):
        _check_tokens(card.input, card.framing)
    else:
        _bad("an input and a framing that do not belong together")


def check_shapes(
    file: str,
    arrays: Mapping[str, NDArray[Any]],
    shapes: Shapes,
    sizes: dict[str, int],
    *,
    later: AbstractSet[str] = frozenset(),
    maybe_empty: AbstractSet[str] = frozenset(),
) -> None:
    """Refuse arrays that are missing, unknown, or not of the shapes that all files agree on.

    Parameters
    ----------
    sizes
        What each letter of a shape stands for; new ones are added.
    later
        What may be missing, because models that were saved before don't have it.
    maybe_empty
        What of it may be empty.

    Raises
    ------
    BundleError
        The first array that does not fit.
    """
    strange = (arrays.keys() - shapes.keys() - later) | (shapes.keys() - arrays.keys() - later)
    if strange:
        raise refusal(
            f"{file} lacks or holds what topwork does not write: {min(strange)[:50]!r}.",
            code="bad_tensors",
        )
    for name, expected in shapes.items():
        if name not in arrays:
            continue
        array = arrays[name]
        fits = len(expected) == array.ndim and all(
            sizes.setdefault(letter, int(letter) if letter.isdigit() else size) == size
            for letter, size in zip(expected, array.shape, strict=True)
        )
        if not fits and not (name in maybe_empty and array.size == 0):
            raise refusal(
                f"{name} in {file} has the shape {array.shape}, which does not fit the model.",
                code="other_shape",
            )


def check_codes(file: str, codes: NDArray[Any], k: int) -> None:
    """Refuse numbers of classes that there are not.

    Raises
    ------
    BundleError
        A number is below 0 or not below ``k``.
    """
    if codes.dtype.kind not in "iu" or (len(codes) and not 0 <= codes.min() <= codes.max() < k):
        raise refusal(f"{file} names classes that the model does not have.", code="other_shape")


def _check_image(spec: InputSpec, framing: Framing) -> None:
    for name, side in (("height", spec.height), ("width", spec.width)):
        _within(f"input.{name}", side, 1, MAX_SIDE)
    if (spec.height, spec.width) != (framing.height, framing.width):
        _bad("two sizes for its input")
    if not np.isfinite([*spec.mean, *spec.std]).all() or not all(spec.std):
        _bad("a mean or a standard deviation that is no number")


def _check_tokens(spec: TokenInput, framing: Tokenizing) -> None:
    _within("input.max_length", spec.max_length, 1, MAX_TOKENS)
    _within("input.windows", spec.windows, 1, MAX_TOKENS // spec.max_length)
    _within("input.vocabulary", spec.vocabulary, 1, MAX_VOCABULARY)
    if (spec.digest, spec.max_length, spec.windows) != (
        framing.digest,
        framing.max_length,
        framing.windows,
    ):
        _bad("two tokenizers")


def texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, one in value.items():
            yield name
            yield from texts_in(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from texts_in(one)


def _within(name: str, value: float | None, least: float, most: float) -> None:
    if value is not None and not least <= value <= most:
        _bad(f"{name} {value}, which is not between {least:g} and {most:g}")


def _bad(what: str) -> NoReturn:
    raise refusal(f"model.json says {what}.", code="bad_card")
