"""The files below a folder that boxes are read from, and the images by what they may be called."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Final

from topwork.data.folders.boxes import MASK_NAMES
from topwork.data.folders.excluded import NONE, ExcludedNames
from topwork.data.folders.scan import files_below, root_entry
from topwork.data.folders.splits import loose_part_of, part_of
from topwork.data.images.formats import IMAGE_EXTENSIONS
from topwork.data.targets.labels import readable

ANNOTATIONS: Final = frozenset(
    (".xml", ".txt", ".json", ".jsonl", ".csv", ".tsv", ".yaml", ".yml", ".names", ".labels")
)


@dataclass(frozen=True)
class BoxFolder:
    """Images, and the files beside them that may say where objects are in them.

    Parameters
    ----------
    root
        The folder as paths begin; empty for the current one.
    images
        The paths of the images in byte order, those in folders of masks apart.
    others
        The paths of the other files by their extension.
    ignored
        What lies there and is neither: counts by extension or description.
    """

    root: str
    images: Sequence[str]
    others: Mapping[str, Sequence[str]]
    ignored: Mapping[str, int]

    @classmethod
    def below(
        cls, source: str | Path, excluded: ExcludedNames = NONE, images: bool = True
    ) -> BoxFolder:
        """Look through a folder; no file is opened."""
        root = root_entry(source)
        ignored: Counter[str] = Counter()
        found = files_below(root, ignored, ANNOTATIONS | IMAGE_EXTENSIONS, excluded)
        by_kind: dict[str, list[str]] = defaultdict(list)
        for path in found:
            by_kind[os.path.splitext(path)[1].lower()].append(path)  # noqa: PTH122 (no Path a file)
        others = {kind: paths for kind, paths in by_kind.items() if kind in ANNOTATIONS}
        shown = [path for path in found if _kind(path) in IMAGE_EXTENSIONS] if images else []
        return cls(root.path, _without_masks(shown, root.path), others, dict(ignored))

    def files(self, *extensions: str) -> list[str]:
        """The other files with one of these extensions, those nearest to the top first."""
        found = [path for kind in extensions for path in self.others.get(kind, ())]
        return sorted(found, key=lambda path: (path.count(os.sep), os.fsencode(path)))

    def relative(self, path: str) -> str:
        """A path as it is called from the folder; one elsewhere as it is."""
        inside = self.root and path.startswith(self.root + os.sep)
        return path[len(self.root) + 1 :] if inside else path

    def part(self, path: str) -> str:
        """The split that the folders of a file say: ``train`` or ``test``, empty for none."""
        return part_of_folders(_folder(self.relative(path)))

    @cached_property
    def index(self) -> ImageIndex:
        """The images by what they may be called."""
        return ImageIndex(self)


class ImageIndex:
    """The images of a folder by their names, in any case and form of Unicode."""

    def __init__(self, folder: BoxFolder) -> None:
        self._folder = folder
        self._paths = {readable(folder.relative(path)): path for path in folder.images}
        self._by_name: dict[str, list[str]] = defaultdict(list)
        self._by_stem: dict[str, list[str]] = defaultdict(list)
        self._by_place: dict[tuple[str, str], list[str]] = defaultdict(list)
        self._homes: dict[tuple[str, str], str] = {}
        for path in folder.images:
            name = _name(path)
            stem = _key(_stem(name))
            self._by_name[_key(name)].append(path)
            self._by_stem[stem].append(path)
            self._by_place[_folder(folder.relative(path)), stem].append(path)

    def named(self, name: str, near: str) -> str | None:
        """The image that a file in the folder ``near`` calls ``name``; None where there is none.

        The name may begin with folders, those of another computer too. Of several images of this
        name the one is taken whose folders fit best. Another extension is no obstacle.
        """
        written = name.strip().replace("\\", "/")
        for start in (near, ""):
            path = os.path.normpath(os.path.join(start, written))  # noqa: PTH118 (no Path a file)
            if readable(path) in self._paths:
                return self._paths[readable(path)]
        *folders, last = written.split("/")
        place = "/".join(folders), near
        at_home = self._at_home(place, last)
        if at_home is not None and _key(_name(at_home)) == _key(last):
            return at_home
        fitting = self._by_name.get(_key(last)) or self._by_stem.get(_key(last))
        fitting = fitting or self._by_stem.get(_key(_stem(last)))
        return self._nearest(fitting or (), place)

    def with_stem(self, file: str, extension: str = "") -> str | None:
        """The image that is called like an annotation file but for the extension.

        One in another split than the file is none.

        Parameters
        ----------
        extension
            That of the image, where the file says it; it decides between images of one name.
        """
        near = _folder(self._folder.relative(file))
        at_home = self._at_home(("", near), _name(file))
        if at_home is not None:
            return at_home
        part = part_of_folders(near)
        fitting = [
            path
            for path in self._by_stem.get(_key(_stem(_name(file))), ())
            if not part or self._folder.part(path) in ("", part)
        ]
        same = [path for path in fitting if extension and path.lower().endswith(extension.lower())]
        return self._nearest(same or fitting, ("", near))

    def _at_home(self, place: tuple[str, str], name: str) -> str | None:
        """The image of this name in the folder that fitted another name of the same place best."""
        home = self._homes.get(place)
        there = () if home is None else self._by_place.get((home, _key(_stem(name))), ())
        return there[0] if len(there) == 1 else None

    def _nearest(self, paths: Sequence[str], place: tuple[str, str]) -> str | None:
        """The one whose folders are most like those of its name and of the annotation file."""
        if len(paths) < 2:
            return paths[0] if paths else None
        folders, near = place

        def fit(path: str) -> tuple[int, int]:
            own = _folder(self._folder.relative(path))
            return _n_shared_ends(own, folders), nearness(own, near)

        best = max(paths, key=fit)
        self._homes[place] = _folder(self._folder.relative(best))
        return best


def nearness(folder: str, other: str) -> int:
    """How many folders two paths share, from the front and from the end.

    Examples
    --------
    >>> nearness("images/train", "labels/train"), nearness("images/val", "labels/train")
    (1, 0)
    >>> nearness("train/images", "train/labels"), nearness("a/b", "a/b")
    (1, 5)
    """
    if folder == other:
        return 2 * len(folder.split("/")) + 1
    first, second = folder.split("/"), other.split("/")
    front = next(
        (i for i, (a, b) in enumerate(zip(first, second, strict=False)) if a != b),
        min(len(first), len(second)),
    )
    return front + _n_shared_ends(folder, other)


def _n_shared_ends(folder: str, other: str) -> int:
    pairs = zip(reversed(folder.split("/")), reversed(other.split("/")), strict=False)
    n = 0
    for a, b in pairs:
        if not a or a.casefold() != b.casefold():
            break
        n += 1
    return n


@lru_cache(4096)
def part_of_folders(folder: str) -> str:
    """The split that the first of these folders says that says one.

    Examples
    --------
    >>> [part_of_folders(path) for path in ("images/val2017", "test/images", "images")]
    ['train', 'test', '']
    """
    parts = (part_of(name) or loose_part_of(name) for name in folder.split("/") if name)
    return next((part for part in parts if part), "")


def _without_masks(paths: Sequence[str], root: str) -> list[str]:
    """The images that lie in no folder of masks, if there are others."""
    inner = len(root) + 1 if root else 0
    kept = [path for path in paths if not _in_masks(_folder(path[inner:]))]
    return kept or list(paths)


@lru_cache(4096)
def _in_masks(folder: str) -> bool:
    return any(MASK_NAMES.fullmatch(name) for name in folder.split("/"))


def _kind(path: str) -> str:
    return os.path.splitext(path)[1].lower()  # noqa: PTH122 (no Path a file)


def _folder(path: str) -> str:
    return path.rpartition(os.sep)[0].replace(os.sep, "/")


def _name(path: str) -> str:
    return path.rpartition(os.sep)[2]


def _stem(name: str) -> str:
    return os.path.splitext(name)[0]  # noqa: PTH122 (no Path a file)


def _key(name: str) -> str:
    return readable(name).casefold()


def folder_of(path: str) -> str:
    """The folder of a relative path, with ``/`` between folders."""
    return _folder(path)


def stems_of(paths: Iterable[str]) -> set[str]:
    """What files are called without their extensions, in any case."""
    return {_key(_stem(_name(path))) for path in paths}
