"""The one list of places that backbones come from, and the lookup by name."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Protocol

from topwork.backbones.backbone import Backbone
from topwork.backbones.multi_layer import multi_layer, split_depths
from topwork.backbones.resized import resized, split_size
from topwork.backbones.sources import keras, transformers
from topwork.backbones.sources.concatenated import SEPARATOR, join
from topwork.backbones.sources.keras import KerasSource
from topwork.backbones.sources.model2vec import Model2VecSource
from topwork.backbones.sources.own import PREFIX, OwnSource, start_in
from topwork.backbones.sources.packaged import PackagedSource
from topwork.backbones.sources.pixels import PixelsSource
from topwork.backbones.sources.random import RandomSource
from topwork.backbones.sources.savedmodel import SavedModelSource
from topwork.backbones.sources.tfidf import TfidfSource
from topwork.backbones.sources.timm import TimmSource
from topwork.backbones.sources.transformers import TransformersSource
from topwork.backbones.windowed import split_long, windowed
from topwork.errors import BackboneError


class Source(Protocol):
    """A place that backbones come from.

    Attributes
    ----------
    name
        What stands before the colon.
    by_bare_name
        Whether names without a source are looked up here.
    """

    name: str
    by_bare_name: bool

    def find(self, name: str, weights: Path | None) -> Backbone | None:
        """The backbone of this name, ``None`` where the source has none of it."""
        ...

    def names(self) -> list[str]:
        """The names that ``find`` knows, where they can be counted."""
        ...


SOURCES: tuple[Source, ...] = (
    PackagedSource(),
    PixelsSource(),
    TfidfSource(),
    TimmSource(),
    RandomSource(),
    TransformersSource(),
    Model2VecSource(),
    KerasSource(),
    SavedModelSource(),
    OwnSource(),
)
"""Bare names are looked up in this order."""


_REBUILT = {"transformers": transformers.untrained, "keras": keras.untrained}
"""Sources that build a network by what lies beside its tensors, not by its name."""


def resolve(name: str) -> Backbone:
    """The backbone called ``SOURCE:NAME`` or ``NAME``.

    ``/SIZE`` behind it asks for another input size, ``/depths`` for what several blocks say of a
    text, ``/long`` for texts to be read to their end,
    ``@FILE`` behind both for local weights. ``own:@FOLDER`` is what `topwork pretrain` wrote.

    Several names joined by ``+`` are one backbone: see `topwork.backbones.sources.concatenated`.

    Raises
    ------
    BackboneError
        No source knows the name, its weights cannot be had, or the size is out of range.
    """
    named, _, file = name.partition("@")
    weights = _existing(file) if file else None
    if weights is not None and named.startswith(PREFIX):
        start, weights = start_in(weights)
        named, file = start + named.removeprefix(PREFIX), str(weights)
    if SEPARATOR in named:
        # with a file the tensors of all of them come from there
        find = partial(_untrained, weights) if weights else lambda _, name: resolve(name)
        return join(named.split(SEPARATOR), weights, find)
    named, long = split_long(named)
    if long:
        return windowed(resolve(f"{named}@{file}" if file else named))
    named, deep = split_depths(named)
    if deep:
        return multi_layer(resolve(f"{named}@{file}" if file else named))
    label, size = split_size(named)
    prefix, colon, rest = label.partition(":") if ":" in label else ("", "", label)
    sources = [s for s in SOURCES if (s.name == prefix if colon else s.by_bare_name)]
    if not sources:
        known = ", ".join(s.name for s in SOURCES)
        raise BackboneError(
            f"There is no source of backbones called {prefix!r}.",
            remedy=f"Known sources: {known}; for example packaged:efficientnet_lite0.",
        )
    absent: list[BackboneError] = []
    for source in sources:
        try:
            found = source.find(rest, weights)
        except BackboneError as error:
            if colon or error.code != "missing_extra":
                raise
            absent.append(error)  # a bare name may be another source's
            continue
        if found is not None:
            return found if size is None else resized(found, size)
    # with timm unknown, only a name that is always there can be meant instead
    close = _close(rest, SOURCES[:1] if absent else (*sources, *SOURCES))
    if absent and not close:
        raise absent[0]
    raise BackboneError(f"There is no backbone called {label!r}.", remedy=close or _OFFERED)


def _untrained(weights: Path, part: int, name: str) -> Backbone:
    """A network whose tensors are in the file, as it is before they are loaded."""
    label, size = split_size(name)
    source, _, rest = label.rpartition(":")
    if source not in _REBUILT:
        return resolve(rest if rest == "pixels" else f"random:{name.rpartition(':')[2]}")
    found = _REBUILT[source](rest, weights, part)
    return found if size is None else resized(found, size)


def _existing(file: str) -> Path:
    path = Path(file)
    if not path.exists():
        raise BackboneError(
            f"The weights {file!r} do not exist.",
            remedy="Give the path of a file or folder with weights after the @.",
        )
    return path


def _close(name: str, sources: Sequence[Source]) -> str:
    """A question about names like this one; empty where there are none."""
    from difflib import get_close_matches

    for source in sources:
        close = get_close_matches(name, source.names(), n=3, cutoff=0.6)
        if close:
            return "Did you mean " + " or ".join(f"{source.name}:{c}" for c in close) + "?"
    return ""


_OFFERED = (
    "Without a network there are "
    + ", ".join(f"packaged:{n}" for n in PackagedSource().names())
    + "; with one, any timm model that has pooled features."
)
