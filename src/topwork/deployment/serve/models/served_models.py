"""All models that are served, by name; one that changes on disk is loaded anew."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from http import HTTPStatus
from pathlib import Path

from topwork.deployment.serve.metrics import Metrics
from topwork.deployment.serve.models.served_model import ServedModel, state_of
from topwork.deployment.serve.refused import Refused

Open = Callable[[str, Path], ServedModel]

_TRIES = 3
"""To load what can't be loaded, until it changes again: it may still be written."""


class ServedModels:
    """The models. Reads and replacements happen on the thread of the event loop alone.

    Parameters
    ----------
    folders
        Where each model lies.
    opened
        Loads and verifies one.
    told
        Is told in sentences what became of models that changed.
    """

    def __init__(
        self,
        folders: Mapping[str, Path],
        opened: Open,
        *,
        metrics: Metrics,
        told: Callable[[str], None],
    ) -> None:
        self._folders = dict(folders)
        self._open = opened
        self._metrics = metrics
        self._told = told
        self._models: dict[str, ServedModel] = {}
        self._failed: dict[str, tuple[tuple[int, ...], int]] = {}
        self.n_reloads = 0

    @property
    def ready(self) -> bool:
        """Whether all of them can be asked."""
        return len(self._models) == len(self._folders)

    @property
    def names(self) -> list[str]:
        """In the order in which they were given."""
        return list(self._folders)

    def all(self) -> list[ServedModel]:
        """Those that can be asked."""
        return [self._models[name] for name in self._folders if name in self._models]

    def named(self, name: str | None = None) -> ServedModel:
        """The model of a name, or the first.

        Raises
        ------
        Refused
            There is none, or it isn't ready.
        """
        name = self.names[0] if name is None else name
        if name not in self._folders:
            raise Refused(
                HTTPStatus.NOT_FOUND,
                "no_such_model",
                "No model of this name is served.",
                "GET /v1/models lists them.",
            )
        if name not in self._models:
            raise Refused(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "not_ready",
                "The model is being loaded.",
                "Try again after the seconds of Retry-After.",
                {"Retry-After": "1"},
            )
        return self._models[name]

    async def open_all(self) -> None:
        """Load all of them; the first that can't be loaded raises."""
        for name, folder in self._folders.items():
            self._put(await asyncio.to_thread(self._open, name, folder))

    async def watch(self, seconds: float) -> None:
        """Look for models that changed, for ever."""
        while True:
            await asyncio.sleep(seconds)
            for name in self._folders:
                await self.refresh(name)

    async def refresh(self, name: str) -> None:
        """Load a model anew if it changed; the present one is asked until the other is ready."""
        state = state_of(self._folders[name])
        if not state or state == self._models[name].state:
            return
        before, tries = self._failed.get(name, ((), 0))
        tries = tries if before == state else 0
        if tries >= _TRIES:
            return
        try:
            loaded = await asyncio.to_thread(self._open, name, self._folders[name])
        except Exception as error:  # whatever it is, the present one goes on
            self._failed[name] = (state, tries + 1)
            if tries + 1 == _TRIES:
                self._metrics.reload(name, "failed")
                self._told(f"{name} changed and can't be loaded; the present one stays: {error}")
            return
        self._put(loaded)
        self.n_reloads += 1
        self._metrics.reload(name, "loaded")
        self._told(f"{name} changed and was loaded again.")

    def _put(self, model: ServedModel) -> None:
        self._models = {**self._models, model.name: model}
        self._failed.pop(model.name, None)
        self._metrics.models({m.name: m.model.identity for m in self._models.values()})
