"""Whether the rows of a table form groups at all."""

from __future__ import annotations

from topwork.heads.clustering.clouds import cloud_like
from topwork.heads.clustering.order import canonical_order
from topwork.heads.clustering.rows.axes import MAX_AXES, Blocks, Rows, leading, shuffled_blocks
from topwork.heads.clustering.rows.copula import gaussian_copula
from topwork.heads.clustering.structure import N_DRAWS, StructureTest, check_rows
from topwork.heads.clustering.two_or_three import Draw, compared_with
from topwork.runtime.parallel import one_blas_thread

LEVEL = 0.03
"""Not 5 %, as no cloud is quite the one that is drawn: then 5 % hold for those of other shapes."""

_MAX_ROWS = 1000


def row_structure_test(
    X: Rows, blocks: Blocks, n_axes: int, *, n_draws: int = N_DRAWS, seed: int = 0
) -> StructureTest:
    """How well the leading axes of X divide in two or three, against draws without groups.

    Draws are of three kinds: the rows with each column of the table shuffled on its own; one cloud
    with exactly the variances of the axes and the skewness of each; and tables whose columns hold
    what they hold and vary together as those of a Gaussian do. The first and the last are
    brought to as many axes of their own. Against the last two kinds the parts must be apart, too.
    There are groups where each p is at most 3 %. The first that is more is told, else the largest.

    Parameters
    ----------
    X
        Encoded columns (n, d), float32; of more than 1,000 rows, as many of them are looked at.
    blocks
        Which column of the table each encoded one comes from, (d,).
    n_axes
        Axes that count, as `shared_axes` found them; where there are none, all do.
    n_draws
        Draws of each kind; the least p is 1 / (n_draws + 1). Where there will be no groups whatever
        the others say, the first 19 are all.
    seed
        Of the draws.

    Raises
    ------
    ParameterError
        There are fewer than 20 rows.

    References
    ----------
    Liu, Hayes, Nobel and Marron 2008, Statistical significance of clustering for high-dimension,
    low-sample size data, section 3 (the index); Nelsen 2006, An introduction to
    copulas, section 2.3; Besag and Clifford 1991, Sequential Monte Carlo p-values.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.random.default_rng(0).normal(size=(100, 4)).astype(np.float32)
    >>> X[:50] += 4
    >>> row_structure_test(X, np.arange(4), 1).found
    True
    """
    check_rows(X)
    rows = X[canonical_order(X)[:_MAX_ROWS]]
    axes = n_axes or MAX_AXES
    with one_blas_thread():
        own, copula = leading(rows, axes), gaussian_copula(rows, blocks)
        kinds: list[tuple[bool, Draw]] = [
            (False, lambda rng: leading(shuffled_blocks(rows, blocks, rng), axes)),
            (True, lambda rng: cloud_like(own, rng)),
            (True, lambda rng: leading(copula.draw(rng), axes)),
        ]
        told = (0.0, 0.0)
        for apart, draw in kinds:
            found = compared_with(own, draw, n_draws, seed, apart=apart)
            told = max(told, found, key=lambda pair: (pair[0], -pair[1]))
            if found[0] > LEVEL:
                break
    return StructureTest(told[0] <= LEVEL, *told)
