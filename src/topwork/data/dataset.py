"""Items with their targets: what every estimator takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from topwork.data.images.modality import ImageModality
from topwork.data.item import Item, Modality, Rejected
from topwork.data.targets.boxes import BoxTargets
from topwork.data.targets.label_targets import LabelTargets
from topwork.data.targets.label_values import Label
from topwork.data.targets.number_targets import NumberTargets
from topwork.errors import DataError
from topwork.settings.choices import Plane

NO_DEVICE: Final = (
    "Not a medical device: a model made with topwork must not be used for diagnosis or treatment."
)


@dataclass(frozen=True, eq=False)
class ClassTargets:
    """One class for each of n items.

    Parameters
    ----------
    codes
        int64 (n,): positions in ``labels``.
    labels
        The k distinct labels, sorted, in the type they came in.
    certain
        Whether the user said that they are classes, whatever they look like.
    """

    codes: np.ndarray
    labels: tuple[Label, ...]
    certain: bool = False

    def __len__(self) -> int:
        return len(self.codes)

    @classmethod
    def from_labels(cls, labels: Sequence[Label]) -> ClassTargets:
        """Number labels in their sorted order.

        Parameters
        ----------
        labels
            n labels of one type, none of them missing.

        Examples
        --------
        >>> ClassTargets.from_labels(["cat", "ant", "cat"]).codes
        array([1, 0, 1])
        """
        distinct = tuple(sorted(set(labels)))
        position = {label: code for code, label in enumerate(distinct)}
        codes = np.fromiter((position[label] for label in labels), np.int64, len(labels))
        return cls(codes, distinct)

    def take(self, indices: np.ndarray) -> ClassTargets:
        """Keep some of the items and all of the labels, so that codes keep their meaning."""
        return replace(self, codes=self.codes[indices])

    def counts(self) -> np.ndarray:
        """Count the items of each label: int64 (k,)."""
        return np.bincount(self.codes, minlength=len(self.labels))

    def values(self) -> list[Label]:
        """Give the n labels themselves."""
        return [self.labels[code] for code in self.codes]


@dataclass(frozen=True, eq=False)
class OrdinalTargets(ClassTargets):
    """The same where the classes have an order: ``labels`` stand in it, from low to high."""


Targets: TypeAlias = ClassTargets | LabelTargets | NumberTargets | BoxTargets
"""What is learnt of each item, by the task: see `topwork.tasks`."""


@dataclass(frozen=True, eq=False)
class Dataset:
    """n items with targets, and optionally groups and domains. Nothing of them has been opened.

    Parameters
    ----------
    items
        The n items.
    targets
        What is to be learnt of each.
    groups
        (n,): what belongs together (a patient, a video, a plant) and must not be split.
    domains
        (n,): where each was taken (a camera, a site).
    split
        What was read: ``train``, ``test``, or ``all`` where the source knows no splits.
    kind
        How the items are read.
    ignored
        What lay in the source and is no item: counts by extension (``.txt``) or description.
    rejected
        Rows of a table that are no items, because they are bad or have no label.
    hints
        Sentences for the user about what may have been meant differently.
    columns
        Of a table, its own names of the columns that go by others than topwork's.
    asked
        Further columns beside the items that the user named.
    source
        Where it all came from, for people.
    medical
        Whether some of the items are DICOM or NIfTI files.
    shows_images
        Whether pages may show the items; those of patients only where the user says so.
    plane
        Where items are volumes, how NIfTI files are cut into slices; empty where each image is an
        item.

    Examples
    --------
    >>> import topwork as tw
    >>> data = tw.read(["fine film", "dull film", "fine book"], ["good", "bad", "good"])
    >>> len(data.items), data.n_classes, data.kind.name
    (3, 2, 'text')
    """

    items: Sequence[Item]
    targets: Targets | None = None
    groups: np.ndarray | None = None
    domains: np.ndarray | None = None
    split: str = "all"
    kind: Modality = field(default_factory=ImageModality)
    ignored: Mapping[str, int] = field(default_factory=dict)
    rejected: tuple[Rejected, ...] = ()
    hints: tuple[str, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    asked: tuple[str, ...] = ()
    source: str = ""
    medical: bool = False
    shows_images: bool = True
    plane: Plane | Literal[""] = ""

    def __post_init__(self) -> None:
        for name in ("targets", "groups", "domains"):
            values = getattr(self, name)
            if values is not None and len(values) != len(self.items):
                raise DataError(
                    f"There are {len(self.items)} items but {len(values)} {name}.",
                    remedy=f"Give one entry of {name} for each item, in the same order.",
                )

    def __len__(self) -> int:
        return len(self.items)

    @property
    def n_classes(self) -> int:
        """The number of distinct labels, of boxes too; 0 without classes."""
        if isinstance(self.targets, ClassTargets | LabelTargets | BoxTargets):
            return len(self.targets.labels)
        return 0

    @property
    def classes(self) -> ClassTargets | None:
        """The targets where they are classes; None without targets.

        Raises
        ------
        topwork.errors.DataError
            If they are something else.
        """
        if isinstance(self.targets, NumberTargets):
            raise DataError(
                "The labels of these items are numbers, and classes are needed here.",
                remedy="Name a column of classes with --columns label=NAME.",
                code="other_task",
            )
        if isinstance(self.targets, LabelTargets):
            raise DataError(
                "These items have several labels each, and one class per item is needed here.",
                remedy="Predict several labels with topwork fit --task labels (ImageTagger, "
                "TextTagger), read each cell as one class with --task classes, or name a column of "
                "classes with --columns label=NAME.",
                code="other_task",
            )
        if isinstance(self.targets, BoxTargets):
            raise DataError(
                "These images are annotated with boxes, and one class per image is needed here.",
                remedy="Put the images of each class into a folder named after it, or give a table "
                "with the columns path and label.",
                code="other_task",
            )
        return self.targets

    @property
    def numbers(self) -> np.ndarray:
        """The targets where they are numbers, float64 (n,).

        Raises
        ------
        topwork.errors.DataError
            If they are something else, or missing.
        """
        if isinstance(self.targets, NumberTargets):
            return self.targets.numbers
        raise DataError(
            "The items have no numbers as labels.",
            remedy="Name a column of numbers with --label NAME.",
            code="other_task",
        )

    @property
    def several(self) -> LabelTargets:
        """The targets where they are several labels per item.

        Raises
        ------
        topwork.errors.DataError
            If they are something else, or missing.
        """
        if isinstance(self.targets, LabelTargets):
            return self.targets
        raise DataError(
            "The items do not have several labels each.",
            remedy="Give a table whose cells hold labels separated by ';', or columns of 0 and 1, "
            "and read it with --task labels.",
            code="other_task",
        )

    @property
    def boxes(self) -> BoxTargets:
        """The targets where they are boxes.

        Raises
        ------
        topwork.errors.DataError
            If they are something else, or missing.
        """
        if isinstance(self.targets, BoxTargets):
            return self.targets
        raise DataError(
            "These items are not annotated with boxes.",
            remedy="Give images with COCO, Pascal VOC or YOLO files, or a table with the columns "
            "path, x1, y1, x2, y2 and label.",
            code="other_task",
        )

    def take(self, indices: ArrayLike) -> Dataset:
        """Keep some of the items, in the given order.

        Parameters
        ----------
        indices
            Positions, or a mask of n booleans.

        Examples
        --------
        >>> data = Dataset([Item("a.jpg"), Item("b.jpg"), Item("c.jpg")])
        >>> [item.name for item in data.take([2, 0]).items]
        ['c.jpg', 'a.jpg']
        """
        chosen = np.asarray(indices)
        if chosen.dtype == bool:
            chosen = np.flatnonzero(chosen)
        chosen = chosen.astype(np.int64)
        return replace(
            self,
            items=[self.items[index] for index in chosen],
            targets=None if self.targets is None else self.targets.take(chosen),
            groups=None if self.groups is None else self.groups[chosen],
            domains=None if self.domains is None else self.domains[chosen],
            rejected=(),
        )

    @property
    def notice(self) -> str:
        """What every page about these data must say; empty for most."""
        return NO_DEVICE if self.medical else ""

    def read_by(self, kind: Modality, taker: str) -> Dataset:
        """The same items, read as what takes them reads them.

        Parameters
        ----------
        kind
            How it reads items.
        taker
            What it is called.

        Raises
        ------
        topwork.errors.DataError
            If it is for items of another modality.
        """
        if kind.name != self.kind.name:
            raise DataError(
                f"{taker} takes {kind.name}s, but the items are {self.kind.name}s.",
                remedy=f"Give {kind.name}s, or a model that was fitted on {self.kind.name}s.",
                code="other_kind",
            )
        return replace(self, kind=kind)

    def without_targets(self) -> Dataset:
        """The same items, unlabelled."""
        return replace(self, targets=None)

    def without_empty_classes(self) -> Dataset:
        """Forget labels that no item has, such as those whose items could not be read.

        Examples
        --------
        >>> targets = ClassTargets.from_labels(["cat", "ant", "cat"])
        >>> data = Dataset([Item("a"), Item("b"), Item("c")], targets).take([0, 2])
        >>> data.without_empty_classes().targets.labels
        ('cat',)
        """
        if not isinstance(self.targets, ClassTargets) or self.targets.counts().all():
            return self
        kept = np.flatnonzero(self.targets.counts())
        labels = tuple(self.targets.labels[code] for code in kept)
        codes = np.searchsorted(kept, self.targets.codes)
        return replace(self, targets=replace(self.targets, codes=codes, labels=labels))
