"""What is left of a name without the marks of augmentation: the original's name, perhaps."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Final

_EXTENSIONS = r"(?:jpe?g|png|bmp|tiff?|webp|gif)"
_ROBOFLOW = re.compile(
    rf"^(?P<stem>.+?)(?:[_.]{_EXTENSIONS})?\.rf\.[0-9a-z]{{16,}}$", re.IGNORECASE
)
_HEX = r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}"
_AUGMENTOR = re.compile(
    rf"^(?:.*?_)?original_(?P<stem>.+?)(?:\.{_EXTENSIONS})?_{_HEX}$", re.IGNORECASE
)
_RANDOM = re.compile(
    rf"^(?P<stem>.+?)[-_. ](?:{_HEX}|(?=[0-9a-f]*[a-f])(?=[0-9a-f]*[0-9])[0-9a-f]{{8,40}})$",
    re.IGNORECASE,
)
"""What Roboflow, Augmentor and others append to the name of each copy."""

_MARK = re.compile(
    r"aug|augm|augment(?:ed|ation|s)?|copy|kopie|copia|rot|rotat(?:e|ed|ion)|deg|degrees?|"
    r"[hv]?flip(?:ped|lr|ud|h|v|x|y)?|[hv]f|horizontal|vertical|mirror(?:ed)?|transposed?|"
    r"[a-z]*crop(?:ped)?|zoom(?:ed|in|out)?|shift(?:ed)?|translat(?:e|ed|ion)|shear(?:ed)?|"
    r"scaled?|rescaled?|bright(?:er|ness|en|ened)?|dark(?:er|en|ened)?|contrast|noisy?|noise|"
    r"gauss(?:ian)?|salt|pepper|blur(?:red)?|sharp(?:en|ened)?|color|colour|jitter(?:ed)?|hue|"
    r"sat(?:uration)?|gamma|invert(?:ed)?|cutout|erased?|erasing|warp(?:ed)?|elastic|"
    r"distort(?:ed|ion)?|affine|transform(?:ed)?|perspective|clahe|equali[sz]ed?|gr[ae]y(?:scale)?"
)
_TOKEN = re.compile(r"[A-Za-z]+|\d+(?:\.\d+)?")

Tokens = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scheme:
    """One way of reading names.

    Parameters
    ----------
    parameters
        Whether a number after a mark (``rot90``, ``aug_3``) belongs to the mark.
    numbers
        How many numbers at the end count copies, not originals: Keras writes two.
    """

    parameters: bool
    numbers: int


SCHEMES: Final = tuple(Scheme(p, n) for n in (0, 1, 2) for p in (True, False))
"""Which of them a set follows is told by what its items look like."""


@dataclass(frozen=True, slots=True)
class Stem:
    """A name without the marks.

    Parameters
    ----------
    tokens
        What is left of it.
    marked
        Whether anything in it says that it is a copy: a word, or the suffix of a program.
    """

    tokens: Tokens
    marked: bool


def stem_of(base: str, scheme: Scheme) -> Stem | None:
    """What is left of a name without folder and extension; ``None`` where nothing is.

    Examples
    --------
    >>> stem_of("aug_Y100_0_2052", Scheme(parameters=True, numbers=2))
    Stem(tokens=('y', '100'), marked=True)
    >>> stem_of("img_0012_rot90", Scheme(parameters=True, numbers=0))
    Stem(tokens=('img', '0012'), marked=True)
    """
    base, marked = _without_suffix(base)
    tokens, found = _without_marks(_TOKEN.findall(base.lower()), scheme.parameters)
    cut = tokens[: len(tokens) - scheme.numbers]
    dropped = tokens[len(cut) :]
    if not cut or not all(token[0].isdigit() for token in dropped):
        return None
    return Stem(cut, marked or found)


def families_by_name(
    names: Sequence[str], codes: Sequence[int], scheme: Scheme, *, marked: bool
) -> list[tuple[int, ...]]:
    """Items of one class whose names come from one stem, at least two each.

    Parameters
    ----------
    names
        n paths.
    codes
        The class of each.
    marked
        Whether to give those families in which a name is marked as a copy, or all others.
    """
    stems = [stem_of(_parts(name)[1], scheme) for name in names]
    plain: dict[Hashable, int] = defaultdict(int)
    for code, stem in zip(codes, stems, strict=True):
        if stem and not stem.marked:
            plain[code, stem.tokens] += 1
    found: dict[Hashable, list[int]] = defaultdict(list)
    for i, (name, code, stem) in enumerate(zip(names, codes, stems, strict=True)):
        if stem:
            # where several originals have this name, their folders tell them apart
            folder = _parts(name)[0] if plain[code, stem.tokens] > 1 else ""
            found[code, folder, stem.tokens].append(i)
    return [
        tuple(items)
        for items in found.values()
        if len(items) > 1 and marked == any(_is_marked(stems[i]) for i in items)
    ]


def _is_marked(stem: Stem | None) -> bool:
    return stem is not None and stem.marked


def _without_suffix(base: str) -> tuple[str, bool]:
    for pattern in (_ROBOFLOW, _AUGMENTOR, _RANDOM):
        match = pattern.match(base)
        if match:
            return match["stem"], True
    return base, False


def _without_marks(tokens: Sequence[str], parameters: bool) -> tuple[Tokens, bool]:
    left: list[str] = []
    after_mark = found = False
    for token in tokens:
        if _MARK.fullmatch(token):
            after_mark = found = True
            continue
        if not (after_mark and parameters and token[0].isdigit()):
            left.append(token)
            after_mark = False
    return tuple(left), found


def _parts(name: str) -> tuple[str, str]:
    """Folder and name without its extension."""
    folder, _, base = name.replace(os.sep, "/").rpartition("/")
    head, dot, tail = base.rpartition(".")
    return folder, head if dot and re.fullmatch(_EXTENSIONS, tail, re.IGNORECASE) else base
