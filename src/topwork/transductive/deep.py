"""Spaces behind a cut: the network with each domain's own statistics in its normalisations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from topwork.backbones import Network
from topwork.backbones.engines import open_engine
from topwork.backbones.late_cut import late_cut
from topwork.data import PLAIN, Dataset
from topwork.errors import BackboneError, DataError
from topwork.features import (
    Activations,
    DiskBudget,
    Steps,
    WantedViews,
    cache_folder,
    extract_views,
)
from topwork.model.frozen import FrozenPart, OpenedBackbone
from topwork.transductive.origin import Origin
from topwork.transductive.settings import AdaptSettings
from topwork.transductive.space import Space

SHARES = (0.18, 0.5)
"""Of the parameters, behind the cut."""


@dataclass(frozen=True, eq=False, slots=True)
class DeepSpaces:
    """One space for each cut.

    There are none where the source's items are not at hand, or nothing is normalised by statistics.
    Source rows have to be seen with the source's own: with those of the pretraining they lie
    elsewhere, and five points of accuracy are lost.
    """

    opened: OpenedBackbone
    origin: Origin
    target: FrozenPart
    settings: AdaptSettings
    steps: Steps

    def spaces(self, n_classes: int) -> Iterator[Space]:
        """From the latest cut to the earliest."""
        if self.origin.data is None or "+" in self.opened.backbone.name:
            return
        from topwork.training.target_statistics import normalisations

        network = self.opened.backbone.load()
        for name in dict.fromkeys(late_cut(network, share) for share in SHARES):
            if name is not None and normalisations(network.at(name).to_pooled):
                try:
                    yield self._space(network, name, n_classes)
                except (BackboneError, DataError):
                    continue  # no room, or items that went away: there are other spaces

    def _space(self, network: Network, name: str, n_classes: int) -> Space:
        from topwork.training.target_statistics import pooled_vectors, with_statistics_of

        origin, target, seed = self.origin, self.target, self.settings.seed
        assert origin.data is not None
        tail, shape = network.at(name).to_pooled, network.at(name).shape
        ours = self._activations(origin.data, origin.keys, name, shape)
        theirs = self._activations(target.data, target.extraction.keys, name, shape)
        by_target = with_statistics_of(tail, theirs, seed=seed)
        by_source = with_statistics_of(tail, ours, seed=seed)
        ours_by_source, ours_by_target = pooled_vectors(ours, by_source, by_target)
        (theirs_by_target,) = pooled_vectors(theirs, by_target)
        return Space(
            f"statistics of the new domain after {name}",
            ours_by_source,
            origin.codes,
            theirs_by_target,
            n_classes,
            tensors={k: v for k, v in by_target.state_dict().items() if "running_" in k},
            shipped_source=ours_by_target,
        )

    def _activations(
        self, data: Dataset, keys: Sequence[bytes], cut: str, shape: tuple[int, ...]
    ) -> Activations:
        """Plain views at a cut, through the store."""
        keep = self.settings.cache
        engine, _ = open_engine(
            self.opened.backbone,
            cut=cut,
            name=self.settings.engine,
            graphs=cache_folder() / "graphs" if keep else None,
        )
        store = self.opened.activation_store(cut, engine, keep=keep)
        wanted = WantedViews((PLAIN,), self.opened.framing, engine, store, shape)
        read = extract_views(
            data.items,
            wanted,
            kind=data.kind,
            budget=DiskBudget(cache_folder()) if keep else None,
            progress=self.steps(f"Features after {cut}"),
        )
        if read.keys != list(keys):
            raise DataError("Some items changed since they were read.", remedy="Run it again.")
        return store.activations(read.keys, views=wanted.views, shape=shape)
