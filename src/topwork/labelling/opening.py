"""From data and a table of labels to a sitting."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from filelock import FileLock, Timeout

from topwork.data import Dataset, read_any, surveyed
from topwork.errors import ParameterError
from topwork.intake.collection import Collection, collect
from topwork.labelling.annotation.answer_form import (
    FORMS,
    YES_OR_NO,
    FormName,
    checked_name,
)
from topwork.labelling.annotation.background import Planner
from topwork.labelling.annotation.journal import SUFFIX, Journal
from topwork.labelling.annotation.label_file import LabelFile
from topwork.labelling.annotation.naming import NamesOfClasses
from topwork.labelling.annotation.proposing import proposer
from topwork.labelling.annotation.result import LabelResult, label_result
from topwork.labelling.annotation.session import Sitting
from topwork.labelling.annotation.shown_items import ShownItems
from topwork.labelling.annotation.shown_pairs import FIRST, SECOND, ShownPairs, holds_pairs
from topwork.labelling.served.page_file import LabelPage, label_page
from topwork.labelling.served.server import LabelServer
from topwork.runtime.cluster.chosen import where_settings_say
from topwork.runtime.progress import Progress
from topwork.settings import FeatureSettings

AUDIT: Final = 60
"""Items that measure accuracy, at most a fifth of all."""


@dataclass(frozen=True, eq=False, slots=True)
class Labelling:
    """A sitting with its page and what runs beside it.

    Parameters
    ----------
    sitting
        What is asked and answered.
    page
        The page.
    planner
        Reads the items and plans.
    lock
        Held while the table is open: nobody else may write to it.
    """

    sitting: Sitting
    page: LabelPage
    planner: Planner
    lock: FileLock

    def serve(self, *, port: int = 0, opened: Callable[[str], None] = lambda _: None) -> None:
        """Serve the page until its person is done, or until Ctrl-C or SIGTERM ends it.

        Parameters
        ----------
        port
            On 127.0.0.1; 0 for a free one.
        opened
            Is told the address.

        Raises
        ------
        UserError
            The data can't be used, or the port is taken.
        """
        with self._locked(), LabelServer(self.sitting, self.page, port=port) as server:
            self.planner.failed = server.finish
            self.planner.start()
            opened(server.address)
            try:
                with _ended_by_signal():
                    server.serve_forever(poll_interval=0.1)
            except KeyboardInterrupt:
                self.sitting.end()
        self.planner.join(10.0)
        if self.sitting.error is not None and not self.sitting.keys:
            raise self.sitting.error

    @contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            yield
        finally:
            _release(self.lock)

    def result(self) -> LabelResult:
        """What it came to."""
        return label_result(self.sitting, self.planner.network)


@where_settings_say
def open_labelling(
    data: object,
    out: str | os.PathLike[str] = "labels.csv",
    *,
    form: FormName = "classes",
    classes: Sequence[str] = (),
    audit: int | None = None,
    settings: FeatureSettings | None = None,
    backbone: str | None = None,
    model: str | os.PathLike[str] | None = None,
    **reading: Any,
) -> Labelling:
    """Everything that a page for labelling needs.

    Nothing is read but the names of the items; contents and features are read while the page is
    open.

    Parameters
    ----------
    data
        A folder or table of images or texts; or the table of pairs that ``topwork cluster --audit``
        wrote, which is filled in.
    out
        The table with the labels. What it holds already is picked up; it may be ``data`` itself.
    form
        What an answer is: one of ``classes``, of ``ordinal`` ones, some ``labels``, or ``boxes``.
    classes
        Those that are known to exist; of ordinal ones all, in their order. Where they are words,
        they propose the first answers of texts, and of images by a network with a tower for texts.
    audit
        Items drawn at random that measure accuracy; 60, or a fifth of few.
    backbone
        The network that gives features; the usual one where it is not given.
    model
        A saved model whose answers are proposed until yours teach another one; its boxes stay.
    reading
        How data are read: ``kind``, ``columns``, ``header``, ``root``, ``lines``.

    Raises
    ------
    ParameterError
        The table can't be written there, or ordinal classes have no order.
    DataError
        The data or the table can't be read.

    Examples
    --------
    >>> labelling = open_labelling("photos", classes=["cat", "dog"])  # doctest: +SKIP
    >>> labelling.serve(opened=print)  # doctest: +SKIP
    """
    settings = settings or FeatureSettings()
    pairs = isinstance(data, str | os.PathLike) and holds_pairs(Path(data))
    file = Path(data) if pairs else Path(out)  # type: ignore[arg-type]
    if not pairs:
        _check(file)
    with _held(file) as lock:
        if pairs:
            return _open_pairs(file, str(reading.get("kind", "auto")), settings, lock)
        names = list(dict.fromkeys(checked_name(name) for name in classes))
        if form == "ordinal" and len(names) < 2:
            raise ParameterError(
                "Classes with an order have to be named in that order.",
                remedy="For example: --task ordinal --classes low,medium,high.",
                code="no_order",
            )
        kind = reading.pop("kind", "auto")
        found = _read(data, kind, settings.window, reading)
        answers = FORMS[form]
        if form == "boxes" and not found.kind.shows_objects:
            raise ParameterError(
                f"Boxes are drawn in images, but these are {found.kind.name}s.",
                remedy="Leave --task boxes out.",
                code="no_images",
            )
        propose = None
        if model is not None:
            propose, known = proposer(Path(model), form)
            names = list(dict.fromkeys([*names, *known]))
        items = ShownItems.of(found, file.resolve().parent)
        sitting = Sitting(
            items,
            answers,
            LabelFile(file, (found.kind.column,), answers.columns),
            Journal.opened(file.with_name(file.name + SUFFIX)),
            names,
            n_audit=min(AUDIT, len(items) // 5) if audit is None else audit,
            seed=settings.seed,
            notes=list(found.hints),
            by_name=form == "classes" and model is None,
        )

        def features(progress: Progress) -> Collection:
            return collect(found, settings, backbone=backbone, progress=progress)

        by_name = NamesOfClasses(backbone) if sitting.by_name else None
        title = Path(str(data)).name or str(data)
        return Labelling(
            sitting,
            label_page(title=title, inline=found.kind.inline, form=form, out=str(file)),
            Planner(sitting, features, propose, by_name, seed=settings.seed),
            lock,
        )


@contextmanager
def _ended_by_signal() -> Iterator[None]:
    """Take SIGTERM for Ctrl-C, where this is the main thread."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _held(file: Path) -> Iterator[FileLock]:
    """Hold a table, so that two pages don't write over each other; until an error."""
    lock = FileLock(file.with_name(f".{file.name}.lock"), timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise ParameterError(
            f"Another topwork label has {file} open.",
            remedy="Go on there, or name another table with --out.",
            code="in_use",
        ) from error
    try:
        yield lock
    except BaseException:
        _release(lock)
        raise


def _release(lock: FileLock) -> None:
    lock.release()
    Path(lock.lock_file).unlink(missing_ok=True)


def _open_pairs(table: Path, kind: str, settings: FeatureSettings, lock: FileLock) -> Labelling:
    """Pairs are judged in the table that holds them."""
    pairs, answers = ShownPairs.read(table, kind), FORMS["pairs"]
    sitting = Sitting(
        pairs,
        answers,
        LabelFile(table, (FIRST, SECOND), answers.columns, split=False),
        Journal.opened(table.with_name(table.name + SUFFIX)),
        list(YES_OR_NO),
        seed=settings.seed,
    )
    page = label_page(title=table.name, inline=pairs.kind.inline, form="pairs", out=str(table))
    return Labelling(sitting, page, Planner(sitting, None, seed=settings.seed), lock)


def _read(data: object, kind: str, window: str, reading: dict[str, Any]) -> Dataset:
    if isinstance(data, Dataset):
        return data
    lines = bool(reading.pop("lines", False))
    return surveyed(read_any(data, items=kind, lines=lines, **reading), window)


def _check(file: Path) -> None:
    if file.suffix.lower() != ".csv":
        raise ParameterError(
            f"Labels are written to a CSV table, but {file} has another ending.",
            remedy="Name it labels.csv.",
            code="no_csv",
        )
    if not file.resolve().parent.is_dir():
        raise ParameterError(
            f"The folder of {file} is not there.",
            remedy="Make it, or name another place with --out.",
            code="no_folder",
        )
