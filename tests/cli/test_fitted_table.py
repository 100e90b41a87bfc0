"""Tables on narrow terminals: whole names, paths cut in the middle, important columns first."""

from __future__ import annotations

import pytest

from topwork.cli.screen import Screen

SCORE = "0.655  [0.402, 0.862]"


@pytest.mark.parametrize("width", [80, 100])
def test_tables_fit_the_terminal(
    width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    path = "a/rather/long/folder/of/somebody/" * 3 + "cat.jpg"
    rows = [(path, "Paket", SCORE, "words of some/long/text.jpg " * 5)]
    Screen().table(("path", "label", "accuracy", "text"), rows, folded=False)
    shown = capsys.readouterr().out
    assert all(len(line) <= width for line in shown.splitlines())
    for whole in ("Paket", SCORE, "cat.jpg"):
        assert whole in shown
    assert shown.split().count("words") == 5


def test_the_least_important_columns_are_left_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    headings = ("backbone", "accuracy", "speed", "licence")
    rows = [("packaged:network", SCORE, "134", "Apache-2.0 and others")]
    for width, kept in ((90, 4), (70, 3), (48, 2)):
        monkeypatch.setenv("COLUMNS", str(width))
        Screen().table(headings, rows, folded=False, optional=("licence", "speed"))
        first = capsys.readouterr().out.split("\n")[1]
        assert first.split() == list(headings[:kept])
