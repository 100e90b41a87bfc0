"""What a clustering found, in sentences: first of all whether there are groups."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from topwork.heads.clustering import ClusterCount, StructureTest
from topwork.heads.clustering.rows.structure import LEVEL as ROW_LEVEL
from topwork.heads.clustering.structure import LEVEL
from topwork.runtime.counted import counted
from topwork.unsupervised.clustering.result import ColumnsRecord

_LISTED = 5
_NAMED = 8


def structure_sentence(found: StructureTest, what: str, level: float = LEVEL) -> str:
    """Whether groups are shown; that they are not does not mean that there are none.

    Parameters
    ----------
    what
        What the items are, such as ``images``.
    level
        The largest p that shows groups.
    """
    if found.found:
        return (
            f"These {what} form groups (p = {found.p:.2g}: they divide more clearly than items of "
            "one cloud)."
        )
    return (
        f"No groups are shown (p = {found.p:.2g}, above {level:g}): one cloud of {what} can divide "
        "as clearly as these. What follows is a division, not a discovery."
    )


def row_structure_sentence(found: StructureTest, n_axes: int) -> str:
    """The same of the rows of a table, of which no column may rise with another."""
    if n_axes or found.found:
        return structure_sentence(found, "rows", ROW_LEVEL)
    return (
        f"No groups are shown (p = {found.p:.2g}, above {ROW_LEVEL:g}): no column of this table "
        "clearly rises or falls with others, and shuffled columns can divide as clearly. What "
        "follows is a division, not a discovery."
    )


def columns_sentence(columns: ColumnsRecord, few: Sequence[str]) -> str:
    """Which columns are used, how they were read, and how to read numbers as categories.

    Parameters
    ----------
    few
        Columns of few whole numbers.
    """
    kinds = {"numbers": columns.numbers, "dates": columns.dates, "categories": columns.categories}
    read = "; ".join(f"{kind}: {_listed(names)}" for kind, names in kinds.items() if names)
    left_out = _listed([f"{one.name} ({one.reason})" for one in columns.left_out])
    used = f"Rows are grouped by {counted(len(columns.used), 'column')} ({read})"
    sentence = f"{used}; left out: {left_out}." if left_out else f"{used}."
    if not columns.numbers:
        return sentence
    those = f"numbers of {few[0]}" if few else "numbers of a column"
    name = shlex.quote(few[0]) if few else "COLUMN"
    return f"{sentence} If {those} stand for categories, add --categorical {name}."


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return f"{', '.join(names[:_NAMED])}{f' and {more} more' if more > 0 else ''}"


def number_sentence(
    k: int,
    count: ClusterCount | None,
    k_range: tuple[int, int],
    *,
    asked: int | None,
    shown: bool,
) -> str:
    """How many clusters there are, and whether that number stands out.

    Parameters
    ----------
    shown
        Whether groups are shown at all: only then is a number one of groups.
    """
    if count is None:
        some = f"; {asked - k} of those asked for stayed empty" if asked and asked > k else ""
        return f"{k} clusters, as asked for{some}."
    low, high = k_range
    if count.stands_out and shown:
        return (
            f"{k} clusters: of {low} to {high} this number stands out, with a silhouette "
            f"{count.scores[k]:.2f} above that of one cloud."
        )
    if count.stands_out:
        return (
            f"Of divisions into {low} to {high} that into {k} is the clearest, with a silhouette "
            f"{count.scores[k]:.2f} above that of one cloud."
        )
    best = sorted(count.scores, key=lambda n: (-count.scores[n], n))[:_LISTED]
    listed = ", ".join(f"{n} ({count.scores[n]:.2f})" for n in best)
    chosen = f"{k}" if shown else f"{k}, the fewest that come near the best"
    return (
        f"No number of clusters stands out between {low} and {high}; highest silhouettes above "
        f"that of one cloud: {listed}. Divided into {chosen}; --k gives another number."
    )
