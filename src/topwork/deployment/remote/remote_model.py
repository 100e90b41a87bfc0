"""A model that is served, with scikit-learn's methods."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Literal, Self
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray

from topwork.deployment.remote.connection import ServerConnection
from topwork.deployment.remote.sent_items import form_of, requests_of
from topwork.errors import BadItemsError, DataError, ParameterError

_PREDICTED: Final[Mapping[str, Callable[[Mapping[str, Any]], Any]]] = {
    "classes": lambda one: one["label"],
    "ordinal": lambda one: one["label"],
    "number": lambda one: one["value"],
    "one-class": lambda one: one["anomalous"],
    "clusters": lambda one: one["cluster"],
    "labels": lambda one: [label["label"] for label in one["labels"]],
    "boxes": lambda one: one["boxes"],
}
_PLAIN: Final = frozenset({"number", "one-class", "clusters", "classes", "ordinal"})


def connect(
    url: str,
    *,
    model: str | None = None,
    token: str | None = None,
    timeout: float = 60.0,
    tries: int = 5,
) -> RemoteModel:
    """A model that ``topwork serve`` serves.

    Parameters
    ----------
    url
        The server's address, as ``http://127.0.0.1:8000``.
    model
        Its name; the first by default.
    token
        What the server wants to know.
    timeout
        Seconds for a response.
    tries
        How often a request is sent that is refused for too much to do.

    Raises
    ------
    ParameterError
        The server can't be reached, doesn't know the model, or refuses the token.

    Examples
    --------
    >>> import topwork as tw
    >>> def label_of(image):
    ...     with tw.connect("http://127.0.0.1:8000", model="photos") as remote:
    ...         return remote.predict([image])[0]
    """
    connection = ServerConnection(url, token=token, timeout=timeout, tries=tries)
    try:
        return RemoteModel(connection, model)
    except BaseException:
        connection.close()
        raise


class RemoteModel:
    """Asks a server; `connect` gives one. It holds one connection, for one thread at a time.

    Parameters
    ----------
    connection
        To the server.
    name
        Of the model; None for the first.

    Attributes
    ----------
    classes_
        Classes, labels or names of clusters, as strings.
    task, modality, worth
        What the model predicts, of what, and its first score with its interval.
    """

    def __init__(self, connection: ServerConnection, name: str | None = None) -> None:
        self._connection = connection
        models = {one["name"]: one for one in connection.ask("/v1/models")["models"]}
        if not models or (name is not None and name not in models):
            raise ParameterError(
                f"{connection.url} serves {', '.join(models) or 'nothing yet'}, not {name}.",
                remedy="Choose one of them, or wait until it is ready.",
                code="no_such_model",
            )
        said = models[next(iter(models)) if name is None else name]
        self.name: str = said["name"]
        self.task: str = said["task"]
        self.modality: str = said["modality"]
        self._inline = bool(said["inline"])
        self.worth: str = said["worth"]
        self.classes_: NDArray[Any] = np.array(said["labels"], dtype=object)

    def predict(self, X: Sequence[Any], *, bad: Literal["raise", "none"] = "raise") -> NDArray[Any]:
        """The prediction of each item ``(n,)``: label, number, whether anomalous, cluster; of
        several labels and of boxes lists.

        Parameters
        ----------
        X
            Paths, bytes of files, arrays ``(h, w, 3)`` of uint8 or PIL images; of texts, strings.
        bad
            What to do with items that can't be read: ``raise`` names them, ``none`` gives None.

        Raises
        ------
        BadItemsError
            Some can't be read, and ``bad`` is ``raise``.
        """
        found = self.predictions(X, bad=bad)
        told = _PREDICTED[self.task]
        values = [None if one is None else told(one) for one in found]
        if self.task in _PLAIN and None not in values:
            kind = object if self.task in ("classes", "ordinal") else None
            return np.array(values, dtype=kind)
        result = np.empty(len(values), dtype=object)
        result[:] = values
        return result

    def predict_proba(
        self, X: Sequence[Any], *, bad: Literal["raise", "none"] = "raise"
    ) -> NDArray[np.float64]:
        """Probabilities ``(n, k)`` in the order of ``classes_``; NaN rows for ``none``.

        Raises
        ------
        BadItemsError
            Some can't be read, and ``bad`` is ``raise``.
        ParameterError
            The model gives no probability of each class.
        """
        if self.task not in ("classes", "ordinal"):
            raise ParameterError(
                f"A model of {self.task} gives no probability of each class.",
                remedy="Use predictions(...), which gives all that it says.",
                code="other_task",
            )
        found = self.predictions(X, bad=bad, top=len(self.classes_))
        result = np.full((len(found), len(self.classes_)), np.nan)
        for row, one in enumerate(found):
            if one is not None and self.task == "ordinal":
                result[row] = one["probabilities"]
            elif one is not None:
                known = {top["label"]: top["probability"] for top in one["top"]}
                result[row] = [known[label] for label in self.classes_]
        return result

    def predictions(
        self, X: Sequence[Any], *, bad: Literal["raise", "none"] = "raise", top: int = 5
    ) -> list[dict[str, Any] | None]:
        """All that is said of each item: ``predictions`` of ``topwork predict --json``.

        Parameters
        ----------
        X, bad
            As for :meth:`predict`.
        top
            Classes listed per item.
        """
        inputs = [X] if isinstance(X, str | bytes) else list(X)
        found: list[dict[str, Any] | None] = [None] * len(inputs)
        rejected: dict[int, str] = {}
        path = f"/v1/models/{quote(self.name)}/predict?top={top}"
        for parts in requests_of(inputs, inline=self._inline):
            self._ask(path, parts, found, rejected)
        if rejected and bad == "raise":
            listed = ", ".join(f"item {n} ({why})" for n, why in list(rejected.items())[:5])
            raise BadItemsError(
                f"{len(rejected)} of {len(inputs)} inputs cannot be read: {listed}.",
                remedy='Leave them out, or pass bad="none" to get None in their place.',
            )
        return found

    def _ask(
        self,
        path: str,
        parts: Sequence[tuple[str, bytes]],
        found: list[dict[str, Any] | None],
        rejected: dict[int, str],
    ) -> None:
        try:
            said = self._connection.ask(path, *form_of(parts))
        except DataError as error:
            if error.code not in ("nothing_readable", "empty"):
                raise
            rejected |= {int(name): error.code for name, _ in parts}
            return
        for one in said["predictions"]:
            found[int(one["path"])] = one
        rejected |= {int(one["path"]): one["reason"] for one in said["rejected"]}

    def close(self) -> None:
        """End the connection."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
