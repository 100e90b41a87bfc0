"""The choices of a clustering."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from topwork.errors import ParameterError
from topwork.settings.checked import CheckedSettings
from topwork.settings.images import FramingSettings
from topwork.settings.run import RunSettings
from topwork.settings.setting import Setting


def number_of_clusters(text: str | None) -> int | None:
    """``7`` as a number, and nothing or ``auto`` as None.

    Raises
    ------
    ParameterError
        It is something else.
    """
    if text is None or text.strip().lower() == "auto":
        return None
    try:
        return int(text)
    except ValueError as error:
        raise ParameterError(
            f"--k cannot be {text!r}.", remedy="Give a number of clusters, such as 7, or auto."
        ) from error


@dataclass(kw_only=True, eq=False, repr=False)
class ClusterChoice:
    """Which network is used, and how many clusters there are."""

    n_clusters: Annotated[
        int | None,
        Setting(
            "Number of clusters; auto chooses the one that stands out [auto].",
            "None chooses.",
            flag="--k",
            metavar="K",
            typed=str | None,
            read=number_of_clusters,
        ),
    ] = None
    categorical: Annotated[
        Sequence[str],
        Setting(
            "Column of a table whose numbers stand for categories.",
            "A list of such columns.",
            metavar="COLUMN",
            typed=list[str] | None,
            read=lambda names: tuple(names or ()),
        ),
    ] = ()
    backbone: Annotated[
        str | None,
        Setting(
            "SOURCE:NAME, with @FILE for local weights. "
            "[packaged:efficientnet_lite0 for images, packaged:all-minilm-l6-v2 for texts]",
        ),
    ] = None

    def _check(self) -> None:
        k = self.n_clusters
        if k is not None and (isinstance(k, bool) or not isinstance(k, int) or k < 2):
            raise ParameterError(
                f"n_clusters, the number of clusters, cannot be {k!r}.",
                remedy="Give a whole number from 2 on, or leave it out to choose it.",
            )
        if isinstance(self.categorical, str):
            raise ParameterError(
                f"categorical is a list of names, not the text {self.categorical!r}.",
                remedy=f"Write categorical=[{self.categorical!r}].",
            )


@dataclass(kw_only=True)
class ClusterSettings(CheckedSettings, RunSettings, ClusterChoice, FramingSettings):
    """The choices of a clustering: the fields of its groups.

    Raises
    ------
    ParameterError
        A value can't be used.
    """
