"""The page of clusters of rows: their rows are a table, not a line of text."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from topwork.data.columns import row_table
from topwork.settings import ClusterSettings
from topwork.unsupervised.clustering.rows.fitting import cluster_rows


def test_rows_nearest_to_a_centre_are_a_table_of_the_columns_that_differ_most(
    tmp_path: Path,
) -> None:
    rng = np.random.default_rng(0)
    far = np.repeat([0.0, 9.0], 30)
    columns = {
        f"c{j}": [f"{v:.3f}" for v in rng.normal(size=60) + far * (j < 8)] for j in range(10)
    }
    columns["c0"][7] = ""
    found = cluster_rows(row_table(columns), ClusterSettings(n_clusters=2), save_to=tmp_path / "m")
    page = (tmp_path / "m" / "report.html").read_text("utf-8")
    assert "the cells of 8 of the 10 columns are shown" in page
    exemplar = found.result.clusters[0].exemplars[0]
    row = next(r for r in re.findall(r"<tr>.*?</tr>", page, re.S) if f'title="{exemplar}"' in r)
    assert re.findall(r'data-label="(.*?)"', row) == [f"c{j}" for j in range(8)]
    place = found.evidence.table.names.index(exemplar)
    cells = re.findall(r'<bdi class="name">(.*?)</bdi>', row)
    assert cells == [columns[f"c{j}"][place] for j in range(8)]
    assert "c0: " not in page
