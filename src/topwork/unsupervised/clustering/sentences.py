"""What a clustering found, in sentences: first of all whether there are groups."""

from __future__ import annotations

from topwork.heads.clustering import ClusterCount, StructureTest
from topwork.runtime.counted import counted
from topwork.unsupervised.clustering.result import ColumnsRecord

_LISTED = 5
_NAMED = 8


def structure_sentence(found: StructureTest, what: str) -> str:
    """Whether there are groups.

    Parameters
    ----------
    what
        What the items are, such as ``images``.
    """
    if found.found:
        return (
            f"These {what} form groups (p = {found.p:.2g}: they divide more clearly than items of "
            "one cloud)."
        )
    return (
        f"No groups here: these {what} divide no more clearly than items of one cloud "
        f"(p = {found.p:.2g}). What follows is a division, not a discovery."
    )


def row_structure_sentence(found: StructureTest, n_axes: int) -> str:
    """The same of the rows of a table, of which no column may rise with another."""
    if n_axes or found.found:
        return structure_sentence(found, "rows")
    return (
        "No groups here: no column of this table rises or falls with others, and rows divide no "
        f"more clearly than those of shuffled columns (p = {found.p:.2g}). What follows is a "
        "division, not a discovery."
    )


def columns_sentence(columns: ColumnsRecord) -> str:
    """Which columns are used."""
    used = f"Rows are grouped by {counted(len(columns.used), 'column')}"
    if not columns.left_out:
        return f"{used}."
    named = ", ".join(f"{one.name} ({one.reason})" for one in columns.left_out[:_NAMED])
    more = len(columns.left_out) - _NAMED
    return f"{used}; left out: {named}{f' and {more} more' if more > 0 else ''}."


def number_sentence(
    k: int, count: ClusterCount | None, k_range: tuple[int, int], asked: int | None
) -> str:
    """How many clusters there are, and whether that number stands out."""
    if count is None:
        some = f"; {asked - k} of those asked for stayed empty" if asked and asked > k else ""
        return f"{k} clusters, as asked for{some}."
    low, high = k_range
    if count.stands_out:
        return (
            f"{k} clusters: of {low} to {high} this number stands out, with a silhouette "
            f"{count.scores[k]:.2f} above that of one cloud."
        )
    best = sorted(count.scores, key=lambda n: (-count.scores[n], n))[:_LISTED]
    listed = ", ".join(f"{n} ({count.scores[n]:.2f})" for n in best)
    return (
        f"No number of clusters stands out between {low} and {high}; highest silhouettes above "
        f"that of one cloud: {listed}. Divided into {k}; --k gives another number."
    )
