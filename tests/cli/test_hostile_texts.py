"""Texts that would act if anything let them: in the terminal, in tables, in the report."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from tests.language import model_folder, reviews
from tests.report.chromium import Chromium, find_chromium
from topwork.cli.app import run
from topwork.cli.screen import plain
from topwork.data import read
from topwork.data.tables.cells import inert
from topwork.inductive import FitSettings, fit
from topwork.model import load

HOSTILE = {
    "markup": "<script>document.title='owned'</script><img src=x onerror=alert(1)> fine",
    "formula": "=cmd|' /C calc'!A0",
    "plus": "+1+cmd|' /C calc'!A0",
    "at": "@SUM(1+1)*cmd|' /C calc'!A0",
    "tab": "\t=1+1 fine",
    "escape": "fine \x1b[2J\x1b]0;owned\x07\x1b[31m red",
    "emoji": "😀😀👍🏽❤️",
    "mixed": "fine хорошо 好 طيب",
    "override": "fine \u202egnp.exe\u2066 dull",
    "template": "{{ 7*7 }} {% raw %} ${7*7} %s {0}",
    "rich": "[bold red]fine[/] [link=file:///etc/passwd]x[/link]",
    "long": "fine " * 20_000,
}
OVER = "x" * 1_000_000
HALF = "fine \ud800 dull"


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Reviews, and every hostile text as one of either class and as a class."""
    file = tmp_path_factory.mktemp("hostile") / "texts.csv"
    texts, labels = reviews(60)
    with file.open("w", newline="", encoding="utf-8", errors="surrogatepass") as stream:
        rows = csv.writer(stream)
        rows.writerow(["text", "label"])
        rows.writerows(zip(texts, labels, strict=True))
        rows.writerows((text, ("bad", "=good")[i % 2]) for i, text in enumerate(HOSTILE.values()))
        rows.writerows(
            (f"{text} {n}", "=good") for text in list(HOSTILE.values())[:3] for n in "ab"
        )
        rows.writerow([OVER, "bad"])
        rows.writerow(
            [HALF.encode("utf-8", "surrogatepass").decode("utf-8", "surrogatepass"), "bad"]
        )
    return file


@pytest.fixture(scope="module")
def model(table: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = model_folder(tmp_path_factory.mktemp("models") / "bert")
    settings = FitSettings(
        backbone=f"transformers:tiny@{folder}", n_folds=3, cache=False, thorough=True, max_bad=0.5
    )
    return fit(read(table), settings, save_to=table.parent / "hostile.topwork").model and (
        table.parent / "hostile.topwork"
    )


def harmless(text: str) -> bool:
    """Nothing that a terminal would obey but colours of our own and new lines."""
    return not [c for c in text if c != "\n" and plain(c) != c]


def cells_of(file: Path) -> list[str]:
    with file.open(newline="", encoding="utf-8") as stream:
        return [cell for row in csv.reader(stream) for cell in row]


def test_terminal_and_tables_of_predict(model: Path, tmp_path: Path, capsys) -> None:
    texts = [*HOSTILE.values(), OVER, HALF]
    out = tmp_path / "said.csv"
    assert run(["predict", str(model), *texts, "--out", str(out)]) == 0
    printed = capsys.readouterr()
    assert harmless(printed.out + printed.err)
    assert len(printed.out) < 60_000
    assert "[bold red]fine[/]" in printed.out
    assert not [cell for cell in cells_of(out) if cell[:1] in set("=+@\t\r\n")]
    assert run(["predict", str(model), *texts, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert [p["text"] for p in said["predictions"]] == [t.strip() for t in HOSTILE.values()]
    assert sorted(r["reason"] for r in said["rejected"]) == ["not_utf8", "too_long"]


def test_terminal_and_table_of_check(table: Path, tmp_path: Path, capsys, monkeypatch) -> None:
    from topwork.backbones import DEFAULT_FOR

    folder = model_folder(tmp_path / "bert")
    monkeypatch.setitem(DEFAULT_FOR, "text", f"transformers:tiny@{folder}")
    capsys.readouterr()
    written, page = tmp_path / "kept.csv", tmp_path / "check.html"
    assert run(["check", str(table), "--write", str(written), "--page", str(page)]) == 0
    printed = capsys.readouterr()
    assert harmless(printed.out + printed.err)
    assert "odd texts" not in printed.out
    assert "exceed the maximum length" in printed.out
    assert not [cell for cell in cells_of(written) if cell[:1] in set("=+@\t\r\n")]
    assert "<script" not in page.read_text("utf-8")
    again = read(written)
    kind = again.kind
    kept = {kind.caption(item) for item in again.items}
    assert {HOSTILE[name].strip() for name in ("at", "override", "escape", "emoji")} <= kept
    assert f" {HOSTILE['formula']}" in cells_of(written)


def test_fit_says_nothing_that_acts(table: Path, tmp_path: Path, capsys) -> None:
    folder = model_folder(tmp_path / "bert")
    place = tmp_path / "x.topwork"
    capsys.readouterr()
    given = ["--backbone", f"transformers:tiny@{folder}", "--folds", "2", "--max-bad", "0.5"]
    assert run(["fit", str(table), *given, "--no-cache", "--out", str(place)]) == 0
    printed = capsys.readouterr()
    assert harmless(printed.out + printed.err)
    assert "(use --long)" in printed.out
    assert load(place).labels == ["=good", "bad", "good"]


def test_the_report_lets_nothing_act(model: Path) -> None:
    page = (model / "report.html").read_text("utf-8")
    assert "<script" not in page
    assert "onerror=alert" not in page.replace("onerror=alert(1)&gt;", "")
    assert harmless(page.replace("\t", ""))
    card = (model / "README.md").read_text("utf-8")
    assert harmless(card)


@pytest.mark.skipif(find_chromium() is None, reason="Chromium is not installed")
def test_a_browser_shows_the_report_and_nothing_acts(model: Path, tmp_path: Path) -> None:
    executable = find_chromium()
    assert executable
    with Chromium(executable, tmp_path / "profile") as browser:
        browser.open(model / "report.html")
        assert "owned" not in browser.evaluate("document.title")
        assert browser.evaluate("document.scripts.length") == 0
        assert (
            browser.evaluate("document.querySelectorAll('[onerror], iframe, a[href^=java]').length")
            == 0
        )
        assert not browser.named("Runtime.exceptionThrown", "Log.entryAdded")
        requests = [e["request"]["url"] for e in browser.named("Network.requestWillBeSent")]
        assert all(url.startswith(("file:", "data:")) for url in requests)
        wide = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        assert browser.evaluate(wide)


@pytest.mark.parametrize("text", ["=1", "+1+1", "-cmd", "@x", "\t=1", "\r=1", "\uff1d1"])
def test_formulas_are_texts_in_tables(text: str) -> None:
    assert inert(text) == f" {text}"
    assert inert(f"a{text}") == f"a{text}"


def test_json_writes_what_a_terminal_might_obey_as_escapes(capsys) -> None:
    from topwork.cli.screen import Screen
    from topwork.features.rejected import RejectedRecord

    path = "a\x9b2J\u202egnp \x7f\x1b[2J é"
    Screen(json=True).result(RejectedRecord.model_construct(path=path, reason="x"))
    out = capsys.readouterr().out
    assert harmless(out)
    assert "é" in out
    assert json.loads(out)["path"] == path
