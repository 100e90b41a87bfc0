"""Spaces behind a cut: the network with each domain's own statistics in its normalisations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from topwork.backbones import Network
from topwork.backbones.engines import open_engine
from topwork.backbones.late_cut import late_cut
from topwork.data import PLAIN, Dataset
from topwork.errors import DataError, UserError
from topwork.features import Activations, DiskBudget, ViewRequest, extract_views
from topwork.features.opened_backbone import FrozenPart, OpenedBackbone
from topwork.heads import fit_logistic
from topwork.installation import TRAINING, missing
from topwork.runtime import cache_folder
from topwork.runtime.run_context import RunContext
from topwork.settings import AdaptSettings
from topwork.settings.choices import DOMAIN_WAYS
from topwork.transductive.candidates.space import Space
from topwork.transductive.source_features import SourceFeatures

if TYPE_CHECKING:
    from torch import nn

SHARES = (0.18, 0.5)
"""Of the parameters, behind the cut."""


@dataclass(frozen=True, eq=False, slots=True)
class _Domains:
    """Both domains at a cut, and the layers behind it with the statistics of either."""

    ours: Activations
    theirs: Activations
    by_source: nn.Module
    by_target: nn.Module


@dataclass(frozen=True, eq=False, slots=True)
class DeepSpaces:
    """One space for each cut.

    There are none where the source's items are not at hand, nothing is normalised by statistics, or
    the packages that train layers are not installed.
    Source rows have to be seen with the source's own: with those of the pretraining they lie
    elsewhere, and five points of accuracy are lost.
    """

    opened: OpenedBackbone
    source_features: SourceFeatures
    target: FrozenPart
    run: RunContext[AdaptSettings]

    def spaces(self, n_classes: int) -> list[Space]:
        """From the latest cut to the earliest."""
        if (
            self.source_features.data is None
            or "+" in self.opened.backbone.name
            or missing(TRAINING)
        ):
            return []
        from topwork.training.domains.target_statistics import normalisations

        network = self.opened.backbone.load()
        found = dict.fromkeys(late_cut(network, share) for share in SHARES)
        names = [n for n in found if n and normalisations(network.at(n).to_pooled)]
        while names:
            try:
                return self._spaces(network, names, n_classes)
            except UserError:
                names.pop()  # no room, or items that went away: fewer cuts need less
        return []

    def _spaces(self, network: Network, names: Sequence[str], n_classes: int) -> list[Space]:
        assert self.source_features.data is not None
        ours = self._activations(
            network, names, self.source_features.data, self.source_features.keys
        )
        theirs = self._activations(network, names, self.target.data, self.target.extraction.keys)
        found: list[Space] = []
        for name, mine, others in zip(names, ours, theirs, strict=True):
            domains = _Domains(mine, others, *self._tails(network, name, mine, others))
            title = f"target statistics after {name}"
            found.append(self._space(title, domains, n_classes))
            if name == names[0]:
                found += self._trained(name, domains, found[-1])
        return found

    def _tails(
        self, network: Network, name: str, ours: Activations, theirs: Activations
    ) -> tuple[nn.Module, nn.Module]:
        """The layers behind a cut with the statistics of either domain."""
        from topwork.training.domains.target_statistics import with_statistics_of

        tail, seed = network.at(name).to_pooled, self.run.settings.seed
        return (
            with_statistics_of(tail, ours, seed=seed),
            with_statistics_of(tail, theirs, seed=seed),
        )

    def _trained(self, name: str, domains: _Domains, space: Space) -> Iterator[Space]:
        """The same layers trained in the ways that were asked for."""
        if not self.run.settings.train:
            return
        from topwork.training.domains.two_domains import fit_two_domains

        head = fit_logistic(space.source, space.codes, space.n_classes)
        for way in (way for way in DOMAIN_WAYS if way in self.run.settings.train):
            tails = fit_two_domains(
                (domains.by_source, domains.by_target),
                head,
                domains.ours,
                space.codes,
                domains.theirs,
                way=way,
                seed=self.run.settings.seed,
                progress=self.run.steps(f"Training ({way})"),
            )
            if tails is None:
                continue
            trained = replace(domains, by_source=tails[0], by_target=tails[1])
            title = f"trained ({way}) after {name}"
            yield self._space(title, trained, space.n_classes, whole=True)

    def _space(
        self, title: str, domains: _Domains, n_classes: int, *, whole: bool = False
    ) -> Space:
        """Vectors of both domains; ``whole`` where all tensors changed, not statistics alone."""
        from topwork.training.domains.target_statistics import pooled_vectors

        by_source, by_target = domains.by_source, domains.by_target
        ours_by_source, ours_by_target = pooled_vectors(domains.ours, by_source, by_target)
        (theirs_by_target,) = pooled_vectors(domains.theirs, by_target)
        return Space(
            title,
            ours_by_source,
            self.source_features.codes,
            theirs_by_target,
            n_classes,
            tensors={k: v for k, v in by_target.state_dict().items() if whole or "running_" in k},
            source_of_selected=ours_by_target,
            trained=whole,
        )

    def _activations(
        self, network: Network, names: Sequence[str], data: Dataset, keys: Sequence[bytes]
    ) -> list[Activations]:
        """Plain views at each cut, through the store, in one pass over the items."""
        keep = self.run.settings.cache
        engine, _ = open_engine(
            self.opened.backbone,
            cut=names[0],
            name=self.run.settings.engine,
            graphs=cache_folder() / "graphs" if keep else None,
            also=tuple(names[1:]),
        )
        stores = [self.opened.activation_store(name, engine, keep=keep) for name in names]
        shapes = [network.at(name).shape for name in names]
        (store, shape), *also = zip(stores, shapes, strict=True)
        request = ViewRequest((PLAIN,), self.opened.framing, engine, store, shape, tuple(also))
        read = extract_views(
            data.items,
            request,
            kind=data.kind,
            keys=keys,
            budget=DiskBudget(cache_folder()) if keep else None,
            progress=self.run.steps(f"Features after {', '.join(names)}"),
        )
        if read.keys != list(keys):
            raise DataError("Some items changed since they were read.", remedy="Run it again.")
        return [
            s.activations(read.keys, views=request.views, shape=own)
            for s, own in zip(stores, shapes, strict=True)
        ]
