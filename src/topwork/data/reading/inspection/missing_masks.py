"""What keeps masks of defects from being found, said before scores of heat maps are missed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from topwork.data.reading.inspection.good_parts import folders_with_images, is_good
from topwork.runtime.counted import counted

MASKS: Final = "ground_truth"
"""The folder of masks."""

_ALSO_CALLED: Final = frozenset({"groundtruth", "gt", "mask", "masks", "annotations"})


def without_masks(
    folder: Path,
    kinds: Sequence[str],
    defective: NDArray[np.bool_],
    files: Sequence[Path | None],
) -> Iterator[str]:
    """Sentences on defective parts without a mask, and on masks that belong to no part.

    Parameters
    ----------
    folder
        Of masks, which need not be there.
    kinds, defective, files
        What each of n images is called, whether that is a defect, and its mask.
    """
    if not defective.any():
        return
    if not folder.is_dir():
        yield from _called_otherwise(folder)
        return
    there = [one.name for one in folders_with_images(folder)]
    present = sorted({kind for kind, bad in zip(kinds, defective, strict=True) if bad})
    for kind in present:
        own = [file for one, file in zip(kinds, files, strict=True) if one == kind]
        missing = sum(file is None for file in own)
        if not missing:
            continue
        images = counted(len(own), "image")
        if kind not in there:
            close = get_close_matches(kind, [name for name in there if name not in present], n=1)
            meant = f"; is {close[0]!r} meant?" if close else "."
            yield f"There are no masks for the {images} of {kind!r} in {folder}{meant}"
        else:
            yield (
                f"{missing} of the {images} of {kind!r} have no mask in {folder / kind} "
                "(NAME_mask.png): their heat maps are not judged."
            )
    for name in sorted(set(there) - set(present)):
        if not is_good(name):
            yield f"The masks in {folder / name} belong to no class of these images."


def _called_otherwise(folder: Path) -> Iterator[str]:
    names = [one.name for one in folders_with_images(folder.parent)]
    near = [name for name in names if name.lower() in _ALSO_CALLED]
    near += get_close_matches(MASKS, [name.lower() for name in names], n=1, cutoff=0.75)
    if near:
        yield (
            f"Masks of defects are read from a folder {MASKS}: rename {folder.parent / near[0]} if "
            "it holds them."
        )
