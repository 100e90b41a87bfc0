"""``topwork evaluate`` with a model of clusters, on labelled pairs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from topwork.errors import ParameterError

if TYPE_CHECKING:
    from topwork.cli.screen import Screen
    from topwork.model import ClusterModel


def evaluate_clusters(screen: Screen, loaded: ClusterModel, model: Path, data: Path) -> None:
    """Pairwise precision and recall.

    Raises
    ------
    ParameterError
        The data are no table of labelled pairs.
    """
    from topwork.cli.show import interval
    from topwork.data import is_table
    from topwork.data.tables.table_files import open_table
    from topwork.unsupervised.clustering.auditing import judge_pairs

    if not (is_table(data) and data.is_file()):
        raise ParameterError(
            "A model of clusters is evaluated on pairs of items that are labelled as same "
            f"group or not, and {data} is no table of pairs.",
            remedy="topwork cluster DATA --audit 60 writes a table of pairs to fill in; topwork "
            "predict assigns items to clusters.",
            code="other_task",
        )
    found = judge_pairs(loaded, str(model), open_table(data, None)[0])
    screen.result(found)
    if found.n_open:
        screen.note(f"{found.n_open} pairs are not labelled and were left out.")
    screen.table(
        ("score", "value  [95 % interval]"),
        [
            ("pairwise precision", interval(found.precision)),
            ("pairwise recall", interval(found.recall)),
        ],
    )
    screen.print_line(
        f"From {found.n_within} pairs inside of clusters and {found.n_between} between them. "
        "Precision is the share of all pairs inside of clusters that belong together, recall the "
        "share of all pairs that belong together that are inside of one."
    )
