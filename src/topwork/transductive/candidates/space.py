"""Both domains as one network sees them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from topwork.heads import LinearHead, fit_logistic
from topwork.heads.domain.alignment import standardise
from topwork.heads.domain.propagation import neighbour_graph, propagate, whitened
from topwork.shift.class_priors import MAX_WEIGHT, corrected

if TYPE_CHECKING:
    from scipy.sparse import csr_array

AS_IT_IS = "unchanged network"


@dataclass(eq=False)
class Space:
    """Features of both domains.

    Parameters
    ----------
    source, codes
        Labelled rows ``(n, d)`` and their classes ``(n,)``. Where each domain has statistics of its
        own in the network, these are by the source's.
    target
        Unlabelled rows ``(m, d)``.
    n_classes
        k.
    head
        The model's own head, where it answers in this space.
    temperature
        Its logits are divided by it.
    tensors
        Of the network that gives the target's rows, where they aren't the model's own.
    source_of_selected
        Source rows by the network that gives the target's rows, ``(n, d)``.
    trained
        Whether layers were trained for it.
    priors
        Of the target's classes, ``(k,)``, 0 for absent ones; None for those of the source.
    """

    name: str
    source: NDArray[np.float32]
    codes: NDArray[np.int64]
    target: NDArray[np.float32]
    n_classes: int
    head: LinearHead | None = None
    temperature: float = 1.0
    tensors: Mapping[str, Any] = field(default_factory=dict)
    source_of_selected: NDArray[np.float32] | None = None
    trained: bool = False
    priors: NDArray[np.float64] | None = None

    @cached_property
    def source_priors(self) -> NDArray[np.float64]:
        """Shares of the classes in the source, ``(k,)``."""
        counts = np.bincount(self.codes, minlength=self.n_classes)
        return counts / max(1, len(self.codes))

    @property
    def target_priors(self) -> NDArray[np.float64]:
        """Shares of the classes that the target is taken to have, ``(k,)``."""
        return self.source_priors if self.priors is None else self.priors

    @property
    def source_weights(self) -> NDArray[np.float64] | None:
        """Of the source rows, ``(n,)``, so that their classes have the target's priors."""
        if self.priors is None:
            return None
        ratios = self.priors / np.maximum(self.source_priors, 1e-12)
        return np.minimum(ratios, MAX_WEIGHT)[self.codes]

    def by_priors(self, probabilities: NDArray[np.float32]) -> NDArray[np.float32]:
        """Probabilities ``(m, k)`` under the source's priors, as they are under the target's."""
        if self.priors is None:
            return probabilities
        return corrected(probabilities, self.source_priors, self.priors)

    @cached_property
    def graph(self) -> csr_array:
        """The nearest neighbours of the target's rows."""
        return neighbour_graph(whitened(self.target)[0])

    @cached_property
    def standardised(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Rows of either domain, each centred and scaled by itself."""
        ours = standardise(self.source, weights=self.source_weights)[0]
        return ours, standardise(self.target)[0]

    @cached_property
    def standardised_head(self) -> LinearHead:
        """A head on the source's standardised rows."""
        return fit_logistic(self.standardised[0], self.codes, self.n_classes)

    def spread(self, answers: NDArray[np.float32]) -> NDArray[np.float32]:
        """What is said of the target's items, ``(m, k)``, after neighbours have passed it on."""
        return propagate(self.graph, answers)

    @property
    def selected_source(self) -> NDArray[np.float32]:
        return self.source if self.source_of_selected is None else self.source_of_selected
