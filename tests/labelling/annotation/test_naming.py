"""Names of classes propose the first answers: of texts, and of images by a tower for texts."""

from __future__ import annotations

import csv
import json
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.cli.test_label import Program, running
from tests.labelling.annotation.serving import ask
from tests.report.chromium import Chromium, find_chromium
from tests.trials.few_shot.colour_towers import NAMES, colour_images, meeting_towers
from tests.trials.few_shot.test_names import SAID
from topwork.labelling.annotation.agreement import Agreement
from topwork.labelling.annotation.naming import lesson
from topwork.labelling.annotation.planning import Labelled, make_plan
from topwork.labelling.annotation.sentences import sentences

CLASSES = ",".join(SAID)
OPENINGS = ("{}", "hello, {}", "{}, please help")
TRUTH = {way.format(text): name for way in OPENINGS for name in SAID for text in SAID[name]}


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    file = tmp_path / "texts.csv"
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([("text",), *((text,) for text in TRUTH)])
    return file


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    executable = find_chromium()
    if executable is None:
        pytest.skip("Chromium is not installed: the page is opened by no browser")
    with Chromium(executable, tmp_path_factory.mktemp("profile")) as found:
        yield found


def _world(n: int = 60, k: int = 4) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    codes = np.arange(n) % k
    X = np.eye(k, 16)[codes] + 0.2 * rng.normal(size=(n, 16))
    return X.astype(np.float32), codes


def _known(codes: np.ndarray, shown: np.ndarray, audit: np.ndarray) -> Labelled:
    names = tuple("abcd"[: codes.max() + 1])
    values = [names[c] if seen else None for c, seen in zip(codes, shown, strict=True)]
    return Labelled(values, shown, audit, names, True)


def _proposed(program: Program) -> list[dict]:
    until = time.monotonic() + 60
    while not any(shown["suggested"] for shown in program.state()["next"]):
        assert time.monotonic() < until, "no proposal"
        time.sleep(0.05)
    return list(program.state()["next"])


def test_names_propose_before_any_answer_and_the_audit_judges_them() -> None:
    X, codes = _world()
    names = np.eye(4, 16, dtype=np.float32)
    none = np.zeros(60, bool)
    plan = make_plan(X, _known(codes, none, none), names=names)
    assert plan.suggested_by == "names"
    right = [value == "abcd"[codes[row]] for row, (value, _) in plan.suggestions.items()]
    assert len(right) == 60
    assert np.mean(right) > 0.9
    assert not make_plan(X, _known(codes, none, none)).suggestions
    audit = np.arange(60) < 24
    judged = make_plan(X, _known(codes, audit, audit), names=names)
    assert (judged.suggested_by, judged.n_judged) == ("names", 24)
    told = sentences(judged, Agreement(0, 0, 0, 0))
    assert told[0].startswith("A model on the names of the classes alone is right on ")


def test_names_stay_while_they_match_and_go_where_they_do_not() -> None:
    X, codes = _world()
    names = np.eye(4, 16, dtype=np.float32)
    few, three = np.arange(8), np.arange(3)
    assert lesson(X[few], codes[few], names).by == "names and answers"
    assert lesson(X[few], codes[few], names[[1, 2, 3, 0]]).by == "answers"
    assert lesson(X[three], codes[three], names[[1, 2, 3, 0]]).by == "names and answers"
    many = np.repeat(few, 20)
    assert lesson(X[many], codes[many], names).by == "answers"
    two = codes < 2
    assert lesson(X[two][:4], codes[two][:4], names[:2]).by == "answers", "no test of two names"


def test_a_page_that_proposes_from_names(
    browser: Chromium, texts: Path, tmp_path: Path, socket_enabled: None
) -> None:
    """Read what is proposed, take some, and be asked again without it."""
    out = tmp_path / "labels.csv"
    arguments = (texts, "--out", out, "--classes", CLASSES, "--audit", "2", "--json")
    why = "document.querySelector('#why').textContent"
    with running(*arguments) as program:
        _proposed_after_audit(browser, program)
        told = browser.wait_for(f"{why}.includes('names') && {why}")
        assert told == (
            "Proposed from the names of the classes alone: nothing is learnt from answers yet."
        )
        shown = program.state()["next"][0]
        assert shown["source"] == "names"
        label = browser.evaluate("document.querySelector('#take').textContent")
        assert label.startswith(f"Take {shown['suggested']} (")
        browser.press("g")
        browser.wait_for("document.querySelectorAll('#thumbs button').length")
        browser.press("g")
        browser.wait_for("!document.querySelector('#one').hidden")
        journal = out.with_name(out.name + ".journal.jsonl")
        for _ in TRUTH:
            before = browser.evaluate("document.documentElement.dataset.shown")
            blind = browser.evaluate("document.querySelector('#take').hidden")
            browser.press("1" if blind else " ")
            browser.wait_for(f"document.documentElement.dataset.shown !== '{before}'")
            if '"repeat"' in journal.read_text("utf-8"):
                break
        else:
            raise AssertionError("no taken proposal was asked for again, without a proposal")
        assert not browser.named("Runtime.exceptionThrown", "Log.entryAdded")
        status, printed = program.interrupt()
    assert status == 0
    result = json.loads(printed)
    assert (result["n_repeated"], result["n_followed"]) == (1, 1)
    assert result["anchoring"] is not None
    with out.open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["split"] == "train"]
    assert np.mean([TRUTH[row["text"]] == row["label"] for row in rows]) > 0.6


def _proposed_after_audit(browser: Chromium, program: Program) -> None:
    program.state()
    browser.open(f"http://127.0.0.1:{program.port}/?token={program.token}")
    for n in (1, 2):
        browser.wait_for("document.querySelector('#why').textContent.startsWith('Drawn')")
        assert browser.evaluate("document.querySelector('#take').hidden")
        browser.press("1")
        browser.wait_for(f"document.querySelector('#progress').textContent.startsWith('{n} of')")
    _proposed(program)


def test_a_class_that_is_added_is_proposed(
    texts: Path, tmp_path: Path, socket_enabled: None
) -> None:
    few = CLASSES.rsplit(",", 1)[0]
    added = CLASSES.rsplit(",", 1)[1]
    with running(
        texts, "--out", tmp_path / "labels.csv", "--classes", few, "--audit", "0"
    ) as program:
        _proposed(program)
        ask(program.port, "/class", {"name": added}, token=program.token)
        until = time.monotonic() + 60
        while not ask(
            program.port, f"/grid?name={added.replace(' ', '%20')}", token=program.token
        ).json["items"]:
            assert time.monotonic() < until, "the new name proposes nothing"
            time.sleep(0.05)


def test_codes_propose_nothing(texts: Path, tmp_path: Path, socket_enabled: None) -> None:
    with running(
        texts, "--out", tmp_path / "labels.csv", "--classes", "A1,B2", "--audit", "0"
    ) as program:
        until = time.monotonic() + 60
        while (state := program.state())["told"]:
            assert time.monotonic() < until
            time.sleep(0.05)
        time.sleep(0.5)
        assert [shown["suggested"] for shown in state["next"]] == [None] * 8


def test_images_by_a_tower_for_texts(tmp_path: Path, socket_enabled: None) -> None:
    pytest.importorskip("transformers")
    pytest.importorskip("torch")
    (tmp_path / "images").mkdir()
    images = colour_images(tmp_path / "images")
    backbone = meeting_towers("CLIP", images, tmp_path / "towers")
    arguments = ("--classes", ",".join(NAMES), "--audit", "0", "--backbone", backbone)
    with running(images, "--out", tmp_path / "labels.csv", *arguments) as program:
        found = _proposed(program)
        assert {shown["source"] for shown in found} == {"names"}
        right = []
        for name in NAMES:
            grid = ask(program.port, f"/grid?name={name}", token=program.token).json["items"]
            right += [Path(item["texts"][0]).parent.name == name for item in grid]
    assert np.mean(right) > 0.7
