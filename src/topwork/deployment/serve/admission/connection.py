"""Connections that must say what they want soon."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from topwork.deployment.serve.limits import Limits


def connection_class(limits: Limits) -> type[asyncio.Protocol]:
    """The protocol of connections with these limits."""

    class Connection(H11Protocol):
        """Closed where the header of a request isn't complete in time, or too many are open."""

        _timer: asyncio.TimerHandle | None = None

        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            if len(self.connections) > limits.connections:
                transport.abort()
            else:
                self._expect_header()

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            if self._busy():
                self._forget_timer()
            else:
                self._expect_header()

        def connection_lost(self, exc: Exception | None) -> None:
            self._forget_timer()
            super().connection_lost(exc)

        def _busy(self) -> bool:
            return self.cycle is not None and not self.cycle.response_complete

        def _expect_header(self) -> None:
            if self._timer is None:
                self._timer = self.loop.call_later(limits.header_seconds, self._too_late)

        def _forget_timer(self) -> None:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None

        def _too_late(self) -> None:
            self._timer = None
            if not self._busy():
                self.transport.abort()

    return Connection
