"""Boxes around objects as targets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from topwork.errors import DataError


@dataclass(frozen=True, eq=False)
class ImageBoxes:
    """The m annotated objects of one image.

    Parameters
    ----------
    corners
        float32 (m, 4): x1, y1, x2, y2 in pixels of the upright decoded image, from its upper left
        corner; x1 < x2 and y1 < y2.
    classes
        int64 (m,): positions in the labels of `BoxTargets`.
    ignored
        bool (m,): objects that are neither trained on nor judged, such as crowds.

    Raises
    ------
    topwork.errors.DataError
        If the shapes do not agree.

    Examples
    --------
    >>> boxes = ImageBoxes.of([(10, 20, 50, 60)], [0])
    >>> boxes.areas().tolist(), len(ImageBoxes.none())
    ([1600.0], 0)
    """

    corners: NDArray[np.float32]
    classes: NDArray[np.int64]
    ignored: NDArray[np.bool_]

    def __post_init__(self) -> None:
        m = len(self.corners)
        if self.corners.shape != (m, 4) or not self.classes.shape == self.ignored.shape == (m,):
            shapes = ", ".join(
                str(array.shape) for array in (self.corners, self.classes, self.ignored)
            )
            raise DataError(
                f"corners, classes and ignored of the boxes of an image have the shapes {shapes}.",
                remedy="Give (m, 4), (m,) and (m,) for m boxes.",
            )

    @classmethod
    def of(
        cls,
        corners: Sequence[Sequence[float]],
        classes: Sequence[int],
        ignored: Sequence[bool] | None = None,
    ) -> Self:
        """The boxes of an image out of lists; none is ignored unless it is said."""
        flags = [False] * len(classes) if ignored is None else ignored
        return cls(
            np.asarray(corners, np.float32).reshape(-1, 4),
            np.asarray(classes, np.int64).reshape(-1),
            np.asarray(flags, np.bool_).reshape(-1),
        )

    @classmethod
    def none(cls) -> Self:
        """The boxes of an image that shows no object."""
        return cls.of([], [])

    def __len__(self) -> int:
        return len(self.classes)

    def take(self, indices: np.ndarray) -> Self:
        """Keep some of the boxes."""
        return replace(
            self,
            corners=self.corners[indices],
            classes=self.classes[indices],
            ignored=self.ignored[indices],
        )

    def areas(self) -> NDArray[np.float32]:
        """The area of each box in square pixels, (m,)."""
        x1, y1, x2, y2 = self.corners.T
        return np.asarray((x2 - x1) * (y2 - y1), np.float32)


@dataclass(frozen=True, slots=True)
class BoxIssue:
    """Something in annotations that was not taken as it is written.

    Parameters
    ----------
    path
        The image that it is about, or the annotation file.
    reason
        A code out of `topwork.data.BOX_REASONS`.
    detail
        What was seen, for people.
    """

    path: str
    reason: str
    detail: str = ""


@dataclass(frozen=True, eq=False)
class BoxTargets:
    """The annotated objects of each of n images.

    Parameters
    ----------
    labels
        The k names of the classes, sorted.
    images
        The boxes of each of the n images; an image without boxes shows no object.
    issues
        What in the annotations was not taken as it is written, of all images that were read.

    Examples
    --------
    >>> targets = BoxTargets(("ace", "king"), (ImageBoxes.of([(0, 0, 9, 9)], [1]),))
    >>> targets.counts().tolist(), len(targets.take(np.zeros(3, int)))
    ([0, 1], 3)
    """

    labels: tuple[str, ...]
    images: tuple[ImageBoxes, ...]
    issues: tuple[BoxIssue, ...] = ()

    def __len__(self) -> int:
        return len(self.images)

    def take(self, indices: np.ndarray) -> BoxTargets:
        """Keep some of the images and all of the labels, so that classes keep their meaning."""
        return replace(self, images=tuple(self.images[index] for index in indices))

    def counts(self) -> NDArray[np.int64]:
        """Count the boxes of each class that are not ignored: int64 (k,)."""
        return self._sum(np.bincount(b.classes[~b.ignored], minlength=self._k) for b in self.images)

    def image_counts(self) -> NDArray[np.int64]:
        """Count the images that show each class, those where all are ignored apart: int64 (k,)."""
        return self._sum(
            np.bincount(np.unique(b.classes[~b.ignored]), minlength=self._k) for b in self.images
        )

    @property
    def _k(self) -> int:
        return len(self.labels)

    def _sum(self, counts: Iterable[np.ndarray]) -> NDArray[np.int64]:
        return np.asarray(sum(counts, np.zeros(self._k, np.int64)), np.int64)


def joined_boxes(first: BoxTargets, second: BoxTargets) -> BoxTargets:
    """The images of two sources one after the other; classes are the same by their names.

    Examples
    --------
    >>> one, other = (BoxTargets((name,), (ImageBoxes.of([(0, 0, 1, 1)], [0]),)) for name in "ba")
    >>> both = joined_boxes(one, other)
    >>> both.labels, [boxes.classes.tolist() for boxes in both.images]
    (('a', 'b'), [[1], [0]])
    """
    labels = tuple(sorted({*first.labels, *second.labels}))
    images = (*_renumbered(first, labels), *_renumbered(second, labels))
    return BoxTargets(labels, images, (*first.issues, *second.issues))


def _renumbered(targets: BoxTargets, labels: Sequence[str]) -> Iterable[ImageBoxes]:
    position = {label: code for code, label in enumerate(labels)}
    codes = np.array([position[label] for label in targets.labels], np.int64)
    return (replace(boxes, classes=codes[boxes.classes]) for boxes in targets.images)
