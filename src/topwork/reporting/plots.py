"""Figures of a fit on axes of matplotlib, for notebooks and papers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from topwork.errors import DataError
from topwork.installation import require

if TYPE_CHECKING:
    from collections.abc import Sequence

    from topwork.report import Confusions, ReliabilityBin
    from topwork.validation.learning_curve import LearningCurve

_MAX_NUMBERED = 15
"""Classes up to which the cells of a confusion matrix hold their numbers."""


class Plotted(Protocol):
    """What the figures are drawn from: the fields of a fit's result."""

    @property
    def confusions(self) -> Confusions | None: ...

    @property
    def reliability(self) -> Sequence[ReliabilityBin]: ...

    @property
    def learning_curve(self) -> LearningCurve | None: ...

    @property
    def tried(self) -> Sequence[Any]: ...


class FitPlots:
    """The figures of a fit; each method draws on the axes that it is given, or on new ones.

    They need matplotlib (the extra ``plot``), and are drawn from the fields of the result, so that
    one that was read from JSON can be drawn as well.

    Parameters
    ----------
    result
        What the fit found.

    Examples
    --------
    >>> import topwork as tw  # doctest: +SKIP
    >>> axes = tw.ImageClassifier().fit("photos/").result_.plot.confusion()  # doctest: +SKIP
    """

    def __init__(self, result: Plotted) -> None:
        self._result = result

    def confusion(self, ax: Any = None) -> Any:
        """Held-out items by true class (rows) and predicted class (columns).

        Returns
        -------
        The axes of matplotlib.

        Raises
        ------
        BackboneError
            matplotlib is not installed.
        DataError
            There are too many classes for a matrix, or nothing was held out.
        """
        found = self._result.confusions
        if found is None or not found.counts:
            raise _missing("A confusion matrix", "there are too many classes, or nothing held out")
        axes = _axes(ax)
        counts, labels = found.counts, found.labels
        shares = [[n / max(1, sum(row)) for n in row] for row in counts]
        axes.imshow(shares, cmap="Greens", vmin=0, vmax=1)
        places = range(len(labels))
        axes.set_xticks(places, labels, rotation=45, ha="right")
        axes.set_yticks(places, labels)
        axes.set(xlabel="predicted", ylabel="true", title="Held-out items")
        if len(labels) <= _MAX_NUMBERED:
            for i, row in enumerate(counts):
                for j, n in enumerate(row):
                    colour = "white" if shares[i][j] > 0.5 else "black"
                    axes.text(j, i, str(n), ha="center", va="center", color=colour)
        return axes

    def reliability(self, ax: Any = None) -> Any:
        """How often predictions of a confidence are right, with 95 % intervals.

        Returns
        -------
        The axes of matplotlib.

        Raises
        ------
        BackboneError
            matplotlib is not installed.
        DataError
            Nothing was held out.
        """
        bins = self._result.reliability
        if not bins:
            raise _missing("A reliability diagram", "nothing was held out")
        axes = _axes(ax)
        axes.plot([0, 1], [0, 1], color="grey", linestyle=":", label="probabilities that hold")
        _with_intervals(axes, [one.confidence for one in bins], [one.accuracy for one in bins])
        axes.set(xlabel="confidence", ylabel="share that is right", xlim=(0, 1.02), ylim=(0, 1.02))
        axes.legend()
        return axes

    def learning_curve(self, ax: Any = None) -> Any:
        """The mean error per class against labels per class, and what twice the labels would bring.

        Returns
        -------
        The axes of matplotlib.

        Raises
        ------
        BackboneError
            matplotlib is not installed.
        DataError
            No curve was measured.
        """
        curve = self._result.learning_curve
        if curve is None or not curve.measured:
            raise _missing("A learning curve", "none was measured; fit with thorough=True")
        axes = _axes(ax)
        fitted = [one for one in curve.fitted if one.low is not None and one.high is not None]
        at = [one.labels_per_class for one in fitted]
        axes.fill_between(
            at, [one.low for one in fitted], [one.high for one in fitted], alpha=0.2, color="C2"
        )
        axes.plot(at, [one.error for one in fitted], color="C2", label="power law")
        measured = curve.measured
        axes.plot(
            [one.labels_per_class for one in measured],
            [one.error for one in measured],
            "o",
            color="C2",
            label="measured",
        )
        axes.set(xlabel="labels per class", ylabel="mean error per class", xscale="log")
        axes.legend()
        return axes

    def tried(self, ax: Any = None) -> Any:
        """Balanced accuracy of everything that was tried on the same folds, with 95 % intervals.

        Returns
        -------
        The axes of matplotlib.

        Raises
        ------
        BackboneError
            matplotlib is not installed.
        DataError
            Nothing was held out.
        """
        rows = [one for one in self._result.tried if one.scores is not None]
        if not rows:
            raise _missing("A comparison", "nothing was held out")
        axes = _axes(ax)
        for place, one in enumerate(rows):
            assert one.scores is not None
            found = one.scores.balanced_accuracy
            high = 1.0 if found.high is None else found.high
            colour = "C2" if one.chosen else "C7"
            axes.plot([found.low, high], [place, place], color=colour)
            axes.plot([found.value], [place], "o", color=colour)
        axes.set_yticks(range(len(rows)), [one.name for one in rows])
        axes.set(xlabel="balanced accuracy, held out", xlim=(0, 1.02))
        return axes


def _axes(ax: Any) -> Any:
    require("Drawing figures", ("matplotlib",))
    if ax is not None:
        return ax
    from matplotlib import pyplot as plt

    return plt.subplots(layout="constrained")[1]


def _with_intervals(axes: Any, at: Sequence[float], scores: Sequence[Any]) -> None:
    values = [one.value for one in scores]
    below = [one.value - one.low for one in scores]
    above = [(1.0 if one.high is None else one.high) - one.value for one in scores]
    axes.errorbar(
        at, values, yerr=[below, above], fmt="o-", color="C2", capsize=3, label="held out"
    )


def _missing(what: str, why: str) -> DataError:
    return DataError(
        f"{what} can't be drawn: {why}.", remedy="Draw another figure.", code="no_figure"
    )
