"""What annotation files say of images, before it is held against the images themselves."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from topwork.data.targets.boxes import BoxIssue
from topwork.data.targets.labels import readable

Corners = tuple[float, float, float, float]
"""x1, y1, x2, y2 as they are written."""


@dataclass(slots=True)
class AnnotatedImage:
    """The objects of one image as its annotation says them.

    Parameters
    ----------
    path
        The image file.
    size
        Width and height that the annotation says, where it does.
    fractions
        Whether corners are fractions of the width and the height; else they are pixels.
    part
        The split that the annotation says, ``train`` or ``test``; empty where it says none.
    group
        What the image belongs to, where the annotation says it.
    corners, labels, ignored
        One entry per object.
    issues
        What was left out while the file was read.
    """

    path: str
    size: tuple[float, float] | None = None
    fractions: bool = False
    part: str = ""
    group: str = ""
    corners: list[Corners] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    ignored: list[bool] = field(default_factory=list)
    issues: list[BoxIssue] = field(default_factory=list)

    def add(self, label: str, corners: Corners, *, ignored: bool = False) -> None:
        """Take an object; one without a class is left out."""
        name = readable(label).strip()
        if not name:
            self.reject("no_class", shown(corners))
            return
        self.labels.append(name)
        self.corners.append(corners)
        self.ignored.append(ignored)

    def reject(self, reason: str, detail: str = "") -> None:
        """Leave an object out."""
        self.issues.append(BoxIssue(self.path, reason, detail))


@dataclass(slots=True)
class Annotations:
    """All that was read of the annotation files of a source.

    Parameters
    ----------
    form
        What people call the format.
    images
        The annotated images by their path.
    issues
        What is about no image that is there, each behind the split that it is in.
    notes
        Sentences about how the files were read.
    counts
        How often something was read in a way that the user should know of.
    """

    form: str
    images: dict[str, AnnotatedImage] = field(default_factory=dict)
    issues: list[tuple[str, BoxIssue]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def of(self, path: str) -> AnnotatedImage:
        """What is known of an image, which several entries may be about."""
        if path not in self.images:
            self.images[path] = AnnotatedImage(path)
        return self.images[path]

    def report(self, path: str, reason: str, detail: str = "", *, part: str = "") -> None:
        """Note what is about no image that is there."""
        self.issues.append((part, BoxIssue(path, reason, detail)))


def number(value: object) -> float:
    """A coordinate; NaN for what is none.

    Examples
    --------
    >>> number(" 12.5 "), number(None), number("12px"), number(True)
    (12.5, nan, nan, nan)
    """
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return float("nan")
    try:
        return float(value)
    except (ValueError, OverflowError):
        return float("nan")


def shown(values: object) -> str:
    """Coordinates for people, however many there are."""
    if isinstance(values, (list, tuple)):
        parts = [f"{value:g}" if isinstance(value, float) else str(value) for value in values[:8]]
        return ", ".join(parts)[:120]
    return str(values)[:120]
