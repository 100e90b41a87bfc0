"""What may become of boxes and annotation files: every code of a `BoxIssue`, in one list."""

from __future__ import annotations

from typing import Final

KEPT: Final[dict[str, str]] = {
    "clipped": "The box reaches beyond its image by more than half a pixel; the part inside was "
    "kept.",
    "swapped": "The right or lower corner is written before the left or upper one; they were put "
    "in order.",
    "other_size": "The annotation says another size than the image has, in another shape; its "
    "boxes were taken as they are written.",
    "scaled": "The annotation says another size of the same shape; its boxes were scaled with it.",
}
"""Of boxes that were kept, and of images whose boxes were."""

REJECTED: Final[dict[str, str]] = {
    "not_a_number": "A coordinate is missing, no number, or not finite.",
    "bad_line": "A line holds neither a class and a box nor a class and a polygon.",
    "zero_area": "The box has no width or no height.",
    "negative_size": "The width or the height of the box is negative.",
    "outside": "The box lies wholly outside its image.",
    "no_class": "The box has no class.",
    "unknown_class": "The number of the class has no name.",
    "unknown_image": "The box belongs to an image that the annotation file does not list.",
}
"""Of boxes that were left out; their image was kept."""

DROPPED: Final[dict[str, str]] = {
    "duplicate": "The same box of the same class is there twice; one was kept.",
}
"""Of boxes that say nothing new."""

FILES: Final[dict[str, str]] = {
    "missing_image": "There is no file of the annotated image.",
    "bad_file": "The annotation file cannot be read; its images count as not annotated.",
    "bad_entry": "An entry for an image or a class has no name or no number of its own.",
}
"""Of files and of images that are not there."""

BOX_REASONS: Final[dict[str, str]] = {**KEPT, **REJECTED, **DROPPED, **FILES}
"""The codes of `topwork.data.BoxIssue`, with what they mean."""
