"""Names of what is not to be read, and which of them were never met."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from difflib import get_close_matches

from topwork.data.targets.labels import readable


class ExcludedNames(Container[str]):
    """Names that are left out wherever they stand.

    Parameters
    ----------
    names
        Of folders and files.
    """

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._names = frozenset(map(readable, names))
        self._met: set[str] = set()

    def __bool__(self) -> bool:
        return bool(self._names)

    def __contains__(self, name: object) -> bool:
        if name not in self._names:
            return False
        self._met.add(str(name))
        return True

    def notes(self, there: Sequence[str]) -> list[str]:
        """Say which names were not met, with what may have been meant.

        Parameters
        ----------
        there
            Names of folders that were read.

        Examples
        --------
        >>> ExcludedNames(["jnuk"]).notes(["cat", "junk"])
        ["Nothing that was read is called 'jnuk' (--exclude); did you mean 'junk'?"]
        """
        sentences = []
        for name in sorted(self._names - self._met):
            close = get_close_matches(name, there, n=1)
            meant = f"; did you mean {close[0]!r}?" if close else "."
            sentences.append(f"Nothing that was read is called {name!r} (--exclude){meant}")
        return sentences


NONE = ExcludedNames()
"""Leaves nothing out."""
