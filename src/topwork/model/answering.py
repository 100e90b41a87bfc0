"""What every estimator that holds a fitted model lets one ask of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from numpy.typing import NDArray

from topwork.model.card import Label
from topwork.model.model import Model


class Answering:
    """Asks ``model_``; a subclass is an estimator of scikit-learn that fits it."""

    model_: Model

    def predict(
        self,
        X: Any,
        *,
        bad: Literal["raise", "none"] = "raise",
        unknown: Label | None = None,
    ) -> NDArray[Any]:
        """The label of each item ``(n,)``; see :meth:`topwork.Model.predict`."""
        return self._fitted_model().predict(X, bad=bad, unknown=unknown)

    def predict_proba(self, X: Any, *, bad: Literal["raise", "none"] = "raise") -> NDArray[Any]:
        """Probabilities ``(n, k)``; see :meth:`topwork.Model.predict_proba`."""
        probabilities: NDArray[Any] = self._fitted_model().predict_proba(X, bad=bad)
        return probabilities

    def save(self, path: str | Path) -> Path:
        """Write the model as a bundle; see :meth:`topwork.Model.save`."""
        return self._fitted_model().save(path)

    def _fitted_model(self) -> Model:
        from sklearn.utils.validation import check_is_fitted  # a model alone does without it

        check_is_fitted(self)
        return self.model_
