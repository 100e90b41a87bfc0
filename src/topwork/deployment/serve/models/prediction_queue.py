"""One bounded queue before the models, emptied in small batches."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from topwork.data import Item
from topwork.deployment.serve.limits import Limits
from topwork.deployment.serve.metrics import Metrics
from topwork.deployment.serve.models.answering import Answer, Question, answers
from topwork.deployment.serve.models.served_model import ServedModel
from topwork.deployment.serve.refused import Refused, overloaded

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, eq=False)
class _Waiting:
    served: ServedModel
    question: Question
    until: float
    done: asyncio.Future[Any]


class PredictionQueue:
    """Requests that wait for their predictions, in the order in which they came.

    One batch is computed at a time, on all cores. A model computes few items one by one with all
    of them, many in parts with a core each; between the two cores would be idle. So a batch is
    small unless many items wait.

    Parameters
    ----------
    answer
        Predicts.
    """

    def __init__(self, answer: Answer, limits: Limits) -> None:
        self._answer = answer
        self._limits = limits
        self._waiting: deque[_Waiting] = deque()
        self._came = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, "predict")
        self._seconds_per_item = 0.02
        self._several = False
        self.n_items = 0
        self.counts: Counter[str] = Counter()
        self.metrics = Metrics(lambda: self.n_items)

    def check(self, n: int = 1) -> None:
        """See whether n more items can wait.

        Raises
        ------
        Refused
            They can't.
        """
        if self.n_items + n > self._limits.waiting:
            raise overloaded(self.n_items * self._seconds_per_item)

    async def ask(self, served: ServedModel, question: Question) -> Any:
        """The result for a request.

        Raises
        ------
        Refused
            There is too much to do.
        Exception
            What predicting raised.
        """
        n = len(question.items)
        try:
            self.check(n)
            until = time.monotonic() + self._limits.deadline
            done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
            self._waiting.append(_Waiting(served, question, until, done))
            self.n_items += n
            self._came.set()
            result = await done
        except Refused:
            self._count(served, "refused", n)
            raise
        except Exception:
            self._count(served, "rejected", n)
            raise
        self._count(served, "predicted", len(result.predictions))
        self._count(served, "rejected", len(result.rejected))
        return result

    async def compute(
        self,
        served: ServedModel,
        work: Callable[[ServedModel, Item], Result],
        item: Item,
        cost: int,
    ) -> Result:
        """What a function gives for an item, computed between two batches.

        Parameters
        ----------
        cost
            Predictions that take as long.

        Raises
        ------
        Refused
            There is too much to do.
        Exception
            What the function raised.
        """
        self.check(cost)
        self.n_items += cost
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._thread, work, served, item)
        finally:
            self.n_items -= cost

    def _count(self, served: ServedModel, outcome: str, n: int) -> None:
        self.counts[outcome] += n
        self.metrics.items(served.name, outcome, n)

    async def run(self) -> None:
        """Predict what comes, for ever."""
        while True:
            await self._came.wait()
            if self._several and self.n_items < self._limits.few:
                await asyncio.sleep(self._limits.batch_seconds)
            batch = self._next_batch()
            if not self._waiting:
                self._came.clear()
            if batch:
                await self._predict(batch)

    def close(self) -> None:
        """Compute nothing more."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _next_batch(self) -> list[_Waiting]:
        """Those for one model that came first; who waited too long, or went away, is left out."""
        batch: list[_Waiting] = []
        n, now, limits = 0, time.monotonic(), self._limits
        most = limits.batch if self.n_items >= limits.batch else limits.few
        computing = min(most * self._seconds_per_item, limits.deadline / 2)
        while self._waiting and n < most:
            one = self._waiting[0]
            if batch and one.served is not batch[0].served:
                break
            self._waiting.popleft()
            self.n_items -= len(one.question.items)
            if one.done.cancelled():
                continue
            if now + computing > one.until:
                one.done.set_exception(overloaded(limits.deadline))
                continue
            batch.append(one)
            n += len(one.question.items)
        return batch

    async def _predict(self, batch: Sequence[_Waiting]) -> None:
        begun, n = time.monotonic(), sum(len(one.question.items) for one in batch)
        self._several = len(batch) > 1
        self.metrics.batch(n)
        loop, served = asyncio.get_running_loop(), batch[0].served
        questions = [one.question for one in batch]
        if served.isolated is not None:
            served.isolated.begin_batch()
        found = await loop.run_in_executor(
            self._thread, answers, self._answer, served.model, questions
        )
        took = (time.monotonic() - begun) / n
        self._seconds_per_item += 0.2 * (took - self._seconds_per_item)
        for one, result in zip(batch, found, strict=True):
            if one.done.cancelled():
                continue
            if isinstance(result, Exception):
                one.done.set_exception(result)
            else:
                one.done.set_result(result)
