"""What every estimator that holds a fitted model has, whatever the model predicts."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Generic, TypeVar

from topwork.data import items_beside
from topwork.model.sealed_model import SealedModel

FittedT = TypeVar("FittedT", bound=SealedModel)


class FittedEstimator(Generic[FittedT]):
    """Holds ``model_``; a subclass is an estimator of scikit-learn that fits it."""

    model_: FittedT

    def save(self, path: str | Path) -> Path:
        """Write the model as a bundle; see :meth:`topwork.Model.save`."""
        return self._fitted_model().save(path)

    def _beside(self, X: Any, columns: Any) -> Any:
        """The items of X with a frame of columns beside them; X itself without one."""
        if columns is None:
            return X
        return items_beside(self._fitted_model().items(X), columns)

    def _html_repr(self) -> str:
        """What scikit-learn shows of the parameters, and what was fitted below it."""
        parameters: str = super()._html_repr()  # type: ignore[misc]
        fitted = (getattr(self, name, None) for name in ("model_", "result_"))
        return parameters + "".join(one._repr_html_() for one in fitted if one is not None)

    def _fitted_model(self) -> FittedT:
        from sklearn.utils.validation import check_is_fitted  # a model alone does without it

        check_is_fitted(self)
        return self.model_
