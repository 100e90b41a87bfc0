"""What lay in a source and is no item: told by its extension, with the way to use it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from topwork.data.images.formats import IMAGE_EXTENSIONS

HIDDEN: Final = "hidden or left behind by the system"
EXCLUDED: Final = "excluded"
NO_EXTENSION: Final = "no extension"

MAX_NAMED: Final = 6
"""Extensions that a sentence names; the others are counted together."""

_HEIC = "convert them to JPEG: magick mogrify -format jpg *.heic"
_CONVERT = "convert them to PNG, as with magick mogrify -format png FILES"
_FRAMES = "take frames out of it: ffmpeg -i FILE frames/%05d.jpg"
_UNPACK = "unpack it"
_ARCHIVES: Final = dict.fromkeys(
    (".zip", ".tar", ".gz", ".tgz", ".7z", ".rar", ".xz", ".bz2"), _UNPACK
)
_TO_IMAGES: Final[Mapping[str, str]] = {
    **_ARCHIVES,
    **dict.fromkeys((".heic", ".heif", ".hif"), _HEIC),
    **dict.fromkeys((".mha", ".nrrd"), "convert them to NIfTI, such as with SimpleITK"),
    **dict.fromkeys((".npy", ".npz"), "numpy.load them and give arrays in Python"),
    **dict.fromkeys((".mp4", ".mov", ".avi", ".mkv", ".webm", ".m4v", ".mpg", ".wmv"), _FRAMES),
    ".pdf": "make images of the pages: pdftoppm -png FILE page",
    **dict.fromkeys((".cr2", ".cr3", ".nef", ".arw", ".dng", ".orf", ".rw2", ".raf"), _CONVERT),
    **dict.fromkeys((".psd", ".svg", ".jp2", ".jxl", ".eps", ".exr", ".hdr"), _CONVERT),
    **dict.fromkeys((".ico", ".tga", ".pcx"), _CONVERT),
}
_TO_TEXTS: Final[Mapping[str, str]] = {
    **_ARCHIVES,
    **dict.fromkeys((".docx", ".doc", ".odt", ".rtf", ".html", ".md"), "save them as .txt"),
    ".pdf": "take the text out of them: pdftotext FILE",
    **dict.fromkeys(IMAGE_EXTENSIONS, "they are images"),
}
_REMEDIES: Final = {"images": _TO_IMAGES, "texts": _TO_TEXTS}
"""How files of an extension become items of a kind."""


def skipped_sentences(skipped: Mapping[str, int], items: str) -> list[str]:
    """Say what was left out of a source, the extensions with the way to use them.

    Parameters
    ----------
    skipped
        Counts by extension (``.heic``) or description, as in `topwork.data.Dataset`.
    items
        What people call the items, ``images`` or ``texts``.

    Examples
    --------
    >>> skipped_sentences({".zip": 6, "hidden or left behind by the system": 2}, "images")
    ['6 files are no images that topwork reads: 6 .zip (unpack it).', 'Left out: 2 hidden or left \
behind by the system.']
    """
    files = {k: n for k, n in skipped.items() if k.startswith(".") or k == NO_EXTENSION}
    others = {k: n for k, n in skipped.items() if k not in files}
    sentences = []
    if files:
        n = sum(files.values())
        what = f"file is no {items[:-1]}" if n == 1 else f"files are no {items}"
        sentences.append(f"{n} {what} that topwork reads: {_listed(files, items)}.")
    if others:
        listed = ", ".join(
            f"{n} {what.replace('rows', 'row', 1) if n == 1 else what}"
            for what, n in others.items()
        )
        sentences.append(f"Left out: {listed}.")
    return sentences


def _listed(files: Mapping[str, int], items: str) -> str:
    """Those that could be used come first, then the most frequent."""
    order = sorted(files, key=lambda k: (_remedy(k, items) == "", -files[k], k))
    parts = []
    for extension in order[:MAX_NAMED]:
        remedy = _remedy(extension, items)
        parts.append(f"{files[extension]} {extension}{f' ({remedy})' if remedy else ''}")
    rest = sum(files[extension] for extension in order[MAX_NAMED:])
    return ", ".join([*parts, *([f"{rest} others"] if rest else [])])


def _remedy(extension: str, items: str) -> str:
    return _REMEDIES[items].get(extension, "")
