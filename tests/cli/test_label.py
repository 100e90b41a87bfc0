"""``topwork label`` as a program: opened, answered, killed, opened again."""

from __future__ import annotations

import csv
import http.client
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import topwork as tw
from tests.labelling.annotation.serving import ask
from topwork.cli.app import run

pytestmark = pytest.mark.usefixtures("socket_enabled")


class Program:
    """A running ``topwork label``."""

    def __init__(self, *arguments: object) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "topwork", "label", *map(str, arguments), "--no-browser"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        assert self.process.stderr is not None
        for line in self.process.stderr:
            if found := re.search(r"http://127\.0\.0\.1:(\d+)/\?token=(\S+)", line):
                self.port, self.token = int(found[1]), found[2]
                return
        raise AssertionError(f"no address: {self.process.wait()}")

    def state(self) -> Any:
        """Its state, once it has read its items."""
        until = time.monotonic() + 60
        while not (state := ask(self.port, "/state", token=self.token).json)["ready"]:
            assert time.monotonic() < until
            time.sleep(0.02)
        return state

    def answer(self, number: int, value: object) -> Any:
        """Give an answer."""
        body = {"answers": [{"id": number, "value": value, "seconds": 0.1}]}
        return ask(self.port, "/answer", body, token=self.token).json

    def interrupt(self) -> tuple[int, str]:
        """As Ctrl-C, which is ignored where tests run in the background; status and output."""
        self.process.send_signal(signal.SIGTERM)
        out, _ = self.process.communicate(timeout=60)
        return self.process.returncode, out


@contextmanager
def running(*arguments: object) -> Iterator[Program]:
    program = Program(*arguments)
    try:
        yield program
    finally:
        program.process.kill()
        program.process.communicate()


def _rows(table: Path) -> list[dict[str, str]]:
    with table.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_from_a_folder_to_a_model(drawn: Path, tmp_path: Path) -> None:
    """Every picture labelled by its folder's name, with proposals on the way."""
    table = tmp_path / "labels.csv"
    with running(drawn, "--out", table, "--audit", 6, "--json") as program:
        state = program.state()
        proposed = []
        while state["next"] and state["n_labelled"] < 36:
            shown = state["next"][0]
            proposed.append(shown["suggested"])
            truth = Path(shown["texts"][0]).parent.name
            state = program.answer(shown["id"], truth)
            if state["n_labelled"] in (16, 26):
                until = time.monotonic() + 60
                while not any(s["suggested"] for s in state["next"]):
                    assert time.monotonic() < until, "no proposal"
                    time.sleep(0.1)
                    state = program.state()
        assert proposed[:6] == [None] * 6
        status, out = program.interrupt()
    assert status == 0
    result = json.loads(out)
    assert result["n_labelled"] == 36
    assert result["classes"] == {"discs": 12, "noise": 12, "stripes": 12}
    rows = _rows(table)
    assert [row["split"] for row in rows].count("test") == 6
    assert len(tw.read(table, split="train")) == 30
    assert len(tw.read(table, split="test")) == 6


def test_killed_at_any_moment_it_loses_at_most_the_answer_in_flight(tmp_path: Path) -> None:
    texts = tmp_path / "texts.csv"
    with texts.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([("text",), *((f"sentence {i}",) for i in range(400))])
    table = tmp_path / "labels.csv"
    rng = random.Random(0)
    confirmed: dict[str, str] = {}
    for moment in range(5):
        with running(texts, "--out", table, "--classes", "a,b", "--audit", 0) as program:
            state = program.state()
            assert state["n_labelled"] in (len(confirmed), len(confirmed) + 1)
            if table.exists():  # the journal may have been one answer ahead
                confirmed = {row["text"]: row["label"] for row in _rows(table)} | confirmed
            until = time.monotonic() + rng.uniform(0.0, 0.25)
            killer = None
            while state["next"]:
                shown, value = state["next"][0], "ab"[len(confirmed) % 2]
                if killer is None and time.monotonic() > until:
                    killer = subprocess.Popen(
                        ["sh", "-c", f"sleep {rng.uniform(0, 0.01)}; kill -9 {program.process.pid}"]
                    )
                try:
                    state = program.answer(shown["id"], value)
                except (OSError, http.client.HTTPException):  # the connection broke
                    break
                confirmed.setdefault(shown["texts"][0], value)  # later ones are asked again
            assert killer is not None
            killer.wait()
        found = {row["text"]: row["label"] for row in _rows(table)}
        lost = confirmed.items() - found.items()
        more = found.keys() - confirmed.keys()
        assert not lost, f"an answer that was confirmed is gone, kill {moment}"
        assert len(more) <= 1, "besides the one in flight"
        confirmed |= found


def test_bad_calls_say_what_to_do(drawn: Path, tmp_path: Path, capsys) -> None:
    cases = {
        ("label", str(tmp_path / "none")): None,
        ("label", str(drawn), "--out", str(tmp_path / "labels.xlsx")): "no_csv",
        ("label", str(drawn), "--out", str(tmp_path / "no" / "labels.csv")): "no_folder",
        ("label", str(drawn), "--task", "ordinal"): "no_order",
        ("label", str(drawn), "--classes", "a\x07"): "bad_label",
    }
    for arguments, code in cases.items():
        assert run([*arguments, "--json"]) == 2, arguments
        error = json.loads(capsys.readouterr().out)["error"]
        assert error["remedy"]
        assert code in (None, error["code"])
    assert not Path(".labels.csv.lock").exists()


def test_nothing_readable_ends_with_the_reason(tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    for i in range(3):
        (folder / f"{i}.png").write_bytes(b"")
    process = subprocess.run(
        [sys.executable, "-m", "topwork", "label", str(folder), "--no-browser",
         "--out", str(tmp_path / "labels.csv")],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert process.returncode == 2
    assert "Traceback" not in process.stderr


def test_two_pages_never_write_one_table(drawn: Path, tmp_path: Path, capsys) -> None:
    table = tmp_path / "labels.csv"
    with running(drawn, "--out", table, "--classes", "x,y"):
        assert run(["label", str(drawn), "--out", str(table), "--json"]) == 2
        assert json.loads(capsys.readouterr().out)["error"]["code"] == "in_use"
    with running(drawn, "--out", table, "--classes", "x,y") as program:
        assert program.state()["ready"], "free again after a kill"


def test_a_table_to_fill_in_is_filled_in(drawn: Path, tmp_path: Path) -> None:
    """Rows stay where they are named, however their paths are written."""
    files = sorted(drawn.rglob("*.png"))[:6]
    table = tmp_path / "shapes.csv"
    with table.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(
            [("path", "who", "label"), *((file, "me", "") for file in files[:5]),
             (files[5], "you", "discs")]
        )  # fmt: skip
    with running(table, "--out", table, "--classes", "x,y", "--audit", 0) as program:
        state = program.state()
        assert state["n_labelled"] == 1
        for _ in range(5):
            state = program.answer(state["next"][0]["id"], "x")
        status, _ = program.interrupt()
    assert status == 0
    rows = _rows(table)
    assert sorted(row["label"] for row in rows) == ["discs", *["x"] * 5]
    assert {row["path"] for row in rows} == set(map(str, files))
    assert [row["who"] for row in rows].count("me") == 5


def test_pairs_are_judged_in_their_own_table(drawn: Path, tmp_path: Path) -> None:
    files = sorted(drawn.rglob("*.png"))
    table = tmp_path / "audit.csv"
    with table.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(
            [("first", "second", "same"), *((files[i], files[-i - 1], "") for i in range(8))]
        )
    with running(table) as program:
        state = program.state()
        assert state["classes"] == ["yes", "no"]
        for i in range(8):
            shown = state["next"][0]
            assert len(shown["texts"]) == 2
            state = program.answer(shown["id"], "yes" if i % 2 else "no")
        status, _ = program.interrupt()
    assert status == 0
    rows = _rows(table)
    assert list(rows[0]) == ["first", "second", "same"]
    assert sorted(row["same"] for row in rows) == ["no"] * 4 + ["yes"] * 4


@pytest.mark.parametrize("task", ["labels", "boxes"])
def test_other_answers(drawn: Path, tmp_path: Path, task: str) -> None:
    table = tmp_path / "labels.csv"
    with running(drawn, "--out", table, "--task", task, "--classes", "x,y") as program:
        state = program.state()
        value: object = ["x", "y"] if task == "labels" else [["x", 1, 1, 9, 9], ["y", 3, 3, 8, 8]]
        program.answer(state["next"][0]["id"], value)
        status, _ = program.interrupt()
    assert status == 0
    assert len(_rows(table)) == (1 if task == "labels" else 2)
