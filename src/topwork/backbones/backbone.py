"""What every pretrained network looks like from here: a light handle, and the network behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, runtime_checkable

from topwork.backbones.inputs import Input, InputSpec
from topwork.errors import BackboneError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import nn

V = TypeVar("V")

POOLED = "pooled"
"""The deepest cut: the vector that the network's own classifier sees."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A place in a network where one tensor is alive.

    Parameters
    ----------
    shape
        Of one item's features.
    before
        Images ``(b, 3, h, w)``, normalised, or tokens ``(b, t)`` to the features ``(b, *shape)``.
    to_pooled
        Those features to the pooled vector ``(b, d)``.
    """

    shape: tuple[int, ...]
    before: nn.Module
    to_pooled: nn.Module


class Cuts(Protocol):
    """The cuts of one network before the pooled one.

    Attributes
    ----------
    names
        Those that are offered, from early to late; there may be others.
    last_maps
        Where the last layers with weights end; nothing would be left to train behind it. None or
        one.
    """

    names: tuple[str, ...]
    last_maps: tuple[str, ...]

    def __contains__(self, name: str) -> bool:
        """Whether the network can be cut there."""
        ...

    def cut(self, name: str) -> Cut:
        """The cut of this name."""
        ...

    def before(self, names: tuple[str, ...]) -> nn.Module:
        """Images to a tuple of the features at several cuts, also the pooled one, in one pass."""
        ...

    def between(self, start: str, names: tuple[str, ...]) -> nn.Module:
        """The features at a cut to a tuple of those at later ones."""
        ...


@dataclass(frozen=True)
class Network:
    """The torch side of a backbone, in evaluation mode.

    All modules share the tensors of ``module``; what trains one of them trains a deep copy.

    Parameters
    ----------
    module
        Holds the tensors, under the names that its source knows.
    full
        Images ``(b, 3, h, w)``, normalised, or tokens ``(b, t)`` to what the network itself
        answers.
    pooling
        The same to the pooled vector ``(b, d)``.
    classifier
        The pooled vector to what ``full`` answers.
    width
        Of the pooled vector.
    size
        Height and width of the images that cuts are looked for with.
    find_cuts
        Finds the cuts before the pooled one; called once, when one is needed, because it runs the
        network. ``None`` where there are none.
    recipe
        Texts that lie beside the tensors in a saved model, where its source can't build the network
        from its name alone.
    """

    module: nn.Module
    full: nn.Module
    pooling: nn.Module
    classifier: nn.Module
    width: int
    size: tuple[int, int] = (0, 0)
    find_cuts: Callable[[tuple[int, int]], Cuts | None] | None = field(default=None, repr=False)
    recipe: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def cuts(self) -> tuple[str, ...]:
        """From early to late; the pooled one is always there."""
        return (*(self._found.names if self._found else ()), POOLED)

    @property
    def maps(self) -> tuple[str, ...]:
        """From early to late, where features of images may be maps: also behind the last layer."""
        return (*self._found.names, *self._found.last_maps) if self._found else ()

    @property
    def before(self) -> Mapping[str, nn.Module]:
        """For every cut a module from images to the features at that cut."""
        return _PerCut(self, lambda cut: cut.before)

    @property
    def to_pooled(self) -> Mapping[str, nn.Module]:
        """For every cut a module from those features to the pooled vector."""
        return _PerCut(self, lambda cut: cut.to_pooled)

    @property
    def after(self) -> Mapping[str, nn.Module]:
        """For every cut a module from those features to what ``full`` answers."""
        return _PerCut(self, lambda cut: _chained(cut.to_pooled, self.classifier))

    @property
    def shapes(self) -> Mapping[str, tuple[int, ...]]:
        """For every cut the shape of one item's features."""
        return _PerCut(self, lambda cut: cut.shape)

    def at(self, name: str) -> Cut:
        """The cut of this name.

        Raises
        ------
        BackboneError
            The network has no such cut.
        """
        if name == POOLED:
            return self._pooled
        return self._cuts_with(name).cut(name)

    def features_at(self, names: tuple[str, ...]) -> nn.Module:
        """Images to the features at these cuts in one pass: a tensor, or a tuple of several.

        Raises
        ------
        BackboneError
            The network has no such cut.
        """
        if len(names) == 1:
            return self.at(names[0]).before
        return self._cuts_with(*(n for n in names if n != POOLED)).before(names)

    def between(self, start: str, names: tuple[str, ...]) -> nn.Module:
        """The features at a cut to a tuple of those at later ones.

        Raises
        ------
        BackboneError
            The network has no such cut.
        """
        return self._cuts_with(start, *names).between(start, names)

    def _cuts_with(self, *names: str) -> Cuts:
        for name in names:
            if self._found is None or name not in self._found:
                raise _no_such_cut(name, self.cuts)
        assert self._found is not None
        return self._found

    @cached_property
    def _found(self) -> Cuts | None:
        return self.find_cuts(self.size) if self.find_cuts else None

    @cached_property
    def _pooled(self) -> Cut:
        from torch import nn

        return Cut((self.width,), self.pooling, nn.Identity().eval())


class _PerCut(Mapping[str, V]):
    """One part of every cut by its name; the pooled one is had without looking for the others."""

    def __init__(self, network: Network, part: Callable[[Cut], V]) -> None:
        self._network = network
        self._part = part

    def __getitem__(self, name: str) -> V:
        return self._part(self._network.at(name))

    def __contains__(self, name: object) -> bool:
        return name == POOLED or name in self._network.cuts

    def __iter__(self) -> Iterator[str]:
        return iter(self._network.cuts)

    def __len__(self) -> int:
        return len(self._network.cuts)


def _chained(first: nn.Module, second: nn.Module) -> nn.Module:
    from torch import nn

    return nn.Sequential(first, second).eval()


def _no_such_cut(name: str, known: tuple[str, ...]) -> BackboneError:
    return BackboneError(
        f"This backbone cannot be cut at {name!r}.",
        remedy=f"Choose one of its cuts: {', '.join(known)}.",
        code="no_such_cut",
    )


@runtime_checkable
class BuildsGraph(Protocol):
    """A loader that can also build the network's graph straight from its weights, without torch.

    Attributes
    ----------
    cuts
        Where the graph can be cut, from early to late; the pooled vector is the last.
    inside
        The attribute of `Network.pooling` that holds the module with the tensors; empty where it
        holds them itself.
    recipe
        As in `Network`.
    """

    @property
    def cuts(self) -> tuple[str, ...]: ...

    @property
    def inside(self) -> str: ...

    @property
    def recipe(self) -> Mapping[str, str]: ...

    def nodes(self, values: Any, cuts: tuple[str, ...]) -> tuple[Any, ...]:
        """The nodes of an OpenVINO graph with the features at these cuts.

        Parameters
        ----------
        values
            The node with normalised images ``(b, 3, h, w)``, or tokens ``(b, t)``.
        """
        ...

    def tensors(self) -> Mapping[str, NDArray[np.generic]]:
        """The network's own, under the names that its source reads from a file."""
        ...


def check_cuts(wanted: tuple[str, ...], known: tuple[str, ...]) -> None:
    """Refuse cuts that a network does not have.

    Raises
    ------
    BackboneError
        There is one.
    """
    for cut in wanted:
        if cut not in known:
            raise _no_such_cut(cut, known)


@dataclass(frozen=True, slots=True)
class Backbone:
    """A pretrained network without its classifier, not loaded yet.

    Parameters
    ----------
    name
        ``SOURCE:NAME``.
    fingerprint
        Identifies architecture and weights: hexadecimal, the same on every machine.
    input
        What the network expects to see.
    load
        Builds the torch network, each time with tensors of its own; the only place where torch gets
        imported. One that is a `BuildsGraph` runs without it.
    licence
        Of the weights, as far as their source tells it.
    parts
        The networks that it consists of, where it is several side by side.
    """

    name: str
    fingerprint: str
    input: Input
    load: Callable[[], Network] = field(compare=False, repr=False)
    licence: str | None = field(default=None, compare=False)
    parts: tuple[Backbone, ...] = ()

    @property
    def takes(self) -> str:
        """The modality that it was made for."""
        return self.input.takes

    @property
    def images(self) -> InputSpec:
        """The images that it takes.

        Raises
        ------
        BackboneError
            It takes texts.
        """
        if isinstance(self.input, InputSpec):
            return self.input
        raise BackboneError(
            f"{self.name} takes texts, and this is for images.",
            remedy="Leave it out, or choose a backbone for images.",
            code="takes_texts",
        )
