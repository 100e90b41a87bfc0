"""The frozen part of a fit: readable items and their features."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, cast

from numpy.typing import NDArray

from topwork.backbones import DEFAULT_FOR, POOLED, Backbone, InputSpec, resolve
from topwork.backbones.engines import Engine, Graph, Precision, open_engine
from topwork.data import (
    Dataset,
    Framing,
    Geometry,
    Interpolation,
    Preparation,
    Tokenizing,
    uneven_losses,
)
from topwork.errors import BackboneError, DataError
from topwork.features import (
    Extraction,
    FeatureRequest,
    FeatureStore,
    extract,
    fingerprint,
    open_store,
)
from topwork.features.encoding import Encoding
from topwork.runtime import cache_folder
from topwork.runtime.progress import Progress
from topwork.settings.choices import EngineName


class Running(Protocol):
    """What the settings of a fit say of how a network is run."""

    @property
    def engine(self) -> EngineName: ...

    @property
    def geometry(self) -> Geometry: ...

    @property
    def cache(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Run:
    """The same where there are no settings of a fit."""

    engine: EngineName
    geometry: Geometry
    cache: bool


@dataclass(frozen=True, slots=True)
class FrozenPart:
    """What the frozen part gave.

    Parameters
    ----------
    data
        The n items that could be read.
    features
        ``(n, d)``.
    extraction
        How the pass over all items went.
    """

    data: Dataset
    features: NDArray[Any]
    extraction: Extraction
    opened: OpenedBackbone


@dataclass(frozen=True, slots=True)
class OpenedBackbone:
    """A backbone that is ready to run, and where its features are kept."""

    backbone: Backbone
    cut: str
    preparation: Preparation
    graph: Graph
    request: FeatureRequest

    @property
    def framing(self) -> Framing:
        """How images are seen; only networks for them have views and are trained further."""
        assert isinstance(self.preparation, Framing), "this network takes no images"
        return self.preparation

    @property
    def engine(self) -> Engine:
        return self.request.engine

    def activation_store(self, cut: str, engine: Engine, *, keep: bool) -> FeatureStore:
        """Where features at another cut are kept, by the engine that runs the network up to it."""
        key = fingerprint(
            self.backbone,
            cut=cut,
            framing=self.framing,
            engine=engine.name,
            precision=engine.precision,
        )
        return open_store(cache_folder() if keep else None, key, "bfloat16")

    def part(self, data: Dataset, extraction: Extraction) -> FrozenPart:
        """The features that a pass over the data, rejected items included, brought together."""
        kept = data.take(extraction.kept).without_empty_classes()
        return FrozenPart(kept, self.request.store.read(extraction.keys), extraction, self)


def open_backbone(name: str, settings: Running, *, precision: Precision = "auto") -> OpenedBackbone:
    """Make a backbone ready to run as the settings say; see `open_network`."""
    return open_network(resolve(name), settings, keep=settings.cache, precision=precision)


def open_network(
    backbone: Backbone, settings: Running, *, keep: bool, precision: Precision = "auto"
) -> OpenedBackbone:
    """The same for a backbone at hand.

    Parameters
    ----------
    keep
        Whether graph and features are stored.
    precision
        What the network computes in. Features in ``float32`` are stored in float32, too: they are
        those that a saved model computes.
    """
    cache = cache_folder() if keep else None
    engine, graph = open_engine(
        backbone,
        cut=POOLED,
        name=settings.engine,
        precision=precision,
        graphs=cache / "graphs" if cache else None,
    )
    framing = framing_for(backbone, settings.geometry)
    encoding: Encoding = "float32" if precision == "float32" else "float16"
    store = store_for(cache, backbone, engine, framing, encoding)
    return OpenedBackbone(backbone, POOLED, framing, graph, FeatureRequest(framing, engine, store))


def framing_for(backbone: Backbone, geometry: Geometry) -> Framing | Tokenizing:
    """How items become this backbone's input, images under a named geometry."""
    spec = backbone.input
    if not isinstance(spec, InputSpec):
        return Tokenizing(spec.digest, spec.max_length, spec.tokenizer, spec.windows)
    return framing_of_input(spec, geometry)


def framing_of_input(spec: InputSpec, geometry: Geometry) -> Framing:
    """How images become what a network sees, under a named geometry."""
    return Framing(
        height=spec.height,
        width=spec.width,
        geometry=geometry,
        interpolation=cast(Interpolation, spec.interpolation),
        crop_fraction=spec.crop_fraction,
    )


def check_takes(backbone: Backbone, data: Dataset) -> None:
    """Refuse a backbone that is for another kind of items.

    Raises
    ------
    BackboneError
        It takes images and the items are texts, or the other way round.
    """
    if backbone.takes != data.kind.network:
        raise BackboneError(
            f"{backbone.name} takes {backbone.takes}s, but the items are {data.kind.name}s.",
            remedy=f"Leave the backbone out: {DEFAULT_FOR[data.kind.name]} is used then.",
            code="other_kind",
        )


def read_once(
    data: Dataset,
    request: FeatureRequest,
    *,
    extra_requests: Sequence[FeatureRequest] = (),
    max_bad: float,
    progress: Progress,
) -> Extraction:
    """Read all items once for everything that is wanted of them.

    Raises
    ------
    DataError
        More items than allowed can't be read.
    """
    extraction = extract(
        data.items, request, kind=data.kind, extra_requests=extra_requests, progress=progress
    )
    extraction.rejected[:0] = data.rejected
    check_rejected(extraction, data, max_bad)
    return extraction


def store_for(
    cache: Path | None,
    backbone: Backbone,
    engine: Engine,
    framing: Preparation,
    encoding: Encoding = "float16",
) -> FeatureStore:
    """Where features of this backbone by this engine are kept; in memory without a cache."""
    key = fingerprint(
        backbone, cut=POOLED, framing=framing, engine=engine.name, precision=engine.precision
    )
    return open_store(cache, key, encoding)


def check_rejected(extraction: Extraction, data: Dataset, max_bad: float) -> None:
    """Refuse to go on where too few items can be read.

    Raises
    ------
    DataError
        More than the allowed fraction cannot be, or all.
    """
    bad, n = extraction.rejected, len(data) + len(data.rejected)
    if bad and (len(bad) > max_bad * n or not extraction.kept):
        first = "; ".join(f"{r.path} ({r.why})" for r in bad[:5])
        uneven = uneven_losses(data, [r.path for r in bad])
        raise DataError(
            f"{len(bad)} of {n} items cannot be read, more than the {max_bad:.0%} that is "
            f"allowed: {first}{'; ...' if len(bad) > 5 else ''}.{f' {uneven}' if uneven else ''}",
            remedy="Remove or repair them, or allow more with --max-bad (a fraction).",
            code="too_many_bad",
        )
