"""What is asked, kept, taken back and picked up again."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

import topwork as tw
from tests.labelling.annotation.sittings import TEXTS, answer, sitting_of
from topwork.errors import DataError, ParameterError
from topwork.labelling.annotation.planning import Plan
from topwork.labelling.annotation.result import label_result


def _rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "labels.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_each_answer_is_in_the_table_and_the_journal_at_once(tmp_path: Path) -> None:
    sitting = sitting_of(tmp_path)
    first = answer(sitting, "cat", seconds=1.25)
    rows = _rows(tmp_path)
    assert [(row["label"], row["split"]) for row in rows] == [("cat", "train")]
    assert rows[0]["text"] == sitting.items.cells[sitting.row(first)]
    line = json.loads((tmp_path / "labels.csv.journal.jsonl").read_text("utf-8"))
    assert line["answers"][0]["seconds"] == 1.25
    answer(sitting, "dog")
    assert [row["label"] for row in _rows(tmp_path)] == ["cat", "dog"]
    assert sitting.state().counts == {"cat": 1, "dog": 1}


def test_no_item_is_asked_twice_until_all_have_an_answer(tmp_path: Path) -> None:
    sitting = sitting_of(tmp_path, TEXTS[:20])
    seen = []
    while sitting.state().next:
        seen.append(answer(sitting, "ab"[len(seen) % 2]))
    assert sorted(seen) == list(range(20))
    assert len(_rows(tmp_path)) == 20


def test_the_audit_comes_first_without_proposals_and_is_a_part_of_its_own(tmp_path: Path) -> None:
    sitting = sitting_of(tmp_path, n_audit=12)
    everything = dict.fromkeys(range(len(TEXTS)), ("cat", 0.9))
    sitting.plan(Plan(suggestions=everything))
    for _ in range(12):
        shown = sitting.state().next[0]
        assert shown["audit"]
        assert shown["suggested"] is None
        answer(sitting, "cat")
    shown = sitting.state().next[0]
    assert not shown["audit"]
    assert shown["suggested"] == "cat"
    answer(sitting, "dog", suggested="cat")
    assert [row["split"] for row in _rows(tmp_path)] == ["test"] * 12 + ["train"]
    known = sitting.known()
    assert known.audit.sum() == 12
    assert known.done.sum() == 13


def test_undo_has_no_limit_and_goes_beyond_a_restart(tmp_path: Path) -> None:
    sitting = sitting_of(tmp_path)
    asked = [answer(sitting, "ab"[i % 2]) for i in range(15)]
    again = sitting_of(tmp_path)
    assert again.state().n_labelled == 15
    for number in reversed(asked):
        assert again.undo() == [number]
        assert again.state().next[0]["id"] == number
    assert again.undo() == []
    assert _rows(tmp_path) == []
    assert again.state().n_labelled == 0


def test_an_answer_that_is_given_again_replaces_the_first_and_undo_brings_it_back(
    tmp_path: Path,
) -> None:
    sitting = sitting_of(tmp_path)
    number = answer(sitting, "cat")
    answer(sitting, "dog", number)
    assert [row["label"] for row in _rows(tmp_path)] == ["dog"]
    sitting.undo()
    assert [row["label"] for row in _rows(tmp_path)] == ["cat"]
    assert sitting_of(tmp_path).known().values[number] == "cat"


def test_many_at_once_are_one_step_of_undo(tmp_path: Path) -> None:
    sitting = sitting_of(tmp_path)
    sitting.answer([{"id": i, "value": "cat", "suggested": "cat"} for i in range(24)], grid=True)
    assert sitting.state().n_labelled == 24
    assert len(sitting.undo()) == 24
    assert _rows(tmp_path) == []


def test_skipped_items_stay_skipped_and_have_no_row(tmp_path: Path) -> None:
    sitting = sitting_of(tmp_path)
    number = answer(sitting, None)
    assert _rows(tmp_path) == []
    again = sitting_of(tmp_path)
    assert number not in [shown["id"] for shown in again.state().next]
    assert again.known().done[number]
    again.undo()
    assert again.state().next[0]["id"] == number


def test_what_the_table_holds_already_is_picked_up_and_kept(tmp_path: Path) -> None:
    table = tmp_path / "labels.csv"
    table.write_text(f"who,text,label\nme,{TEXTS[3]},cat\nyou,a text from elsewhere,dog\n", "utf-8")
    sitting = sitting_of(tmp_path)
    assert sitting.state().n_labelled == 1
    assert any("can't be found" in note for note in sitting.state().notes)
    answer(sitting, "bird")
    rows = _rows(tmp_path)
    assert [row["label"] for row in rows] == ["cat", "dog", "bird"]
    assert [row["who"] for row in rows] == ["me", "you", ""]


def test_undo_brings_back_what_the_table_said_before(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text(f"text,label\n{TEXTS[3]},cat\n", "utf-8")
    sitting = sitting_of(tmp_path)
    answer(sitting, "dog", sitting.items.cells.index(TEXTS[3]))
    assert [row["label"] for row in _rows(tmp_path)] == ["dog"]
    sitting_of(tmp_path).undo()
    assert [row["label"] for row in _rows(tmp_path)] == ["cat"]


def test_a_table_that_was_written_to_by_hand_wins_over_the_journal(tmp_path: Path) -> None:
    sitting = sitting_of(tmp_path)
    numbers = [answer(sitting, "cat") for _ in range(3)]
    table = tmp_path / "labels.csv"
    table.write_text(table.read_text("utf-8").replace("cat", "dog", 1), "utf-8")
    again = sitting_of(tmp_path)
    assert [again.known().values[i] for i in numbers] == ["dog", "cat", "cat"]


@pytest.mark.parametrize("undone", [False, True])
def test_what_a_crash_kept_from_the_table_comes_from_the_journal(
    tmp_path: Path, undone: bool
) -> None:
    """Killed between the two files: the journal is one action ahead."""
    sitting = sitting_of(tmp_path)
    for _ in range(4):
        answer(sitting, "cat")
    table = tmp_path / "labels.csv"
    before = table.read_bytes()
    sitting.undo() if undone else answer(sitting, "dog")
    after = _rows(tmp_path)
    table.write_bytes(before)
    sitting_of(tmp_path)
    assert _rows(tmp_path) == after


def test_a_torn_line_of_the_journal_costs_that_line_alone(tmp_path: Path) -> None:
    sitting = sitting_of(tmp_path)
    for _ in range(3):
        answer(sitting, "cat")
    journal = tmp_path / "labels.csv.journal.jsonl"
    with journal.open("ab") as stream:
        stream.write(b'{"do": "answer", "answ')
    again = sitting_of(tmp_path)
    answer(again, "dog")
    assert sitting_of(tmp_path).state().n_labelled == 4


def test_answers_are_asked_for_again_blind_and_change_nothing(tmp_path: Path) -> None:
    sitting = sitting_of(tmp_path, tuple(f"text {i}" for i in range(200)))
    n_again = 0
    for step in range(150):
        shown = sitting.state().next[0]
        again = shown["id"] in [i for i in range(200) if sitting.known().done[i]]
        n_again += again
        answer(sitting, "otherwise" if again else "cat", seconds=step)
        if again:
            assert sitting.known().values[shown["id"]] == "cat"
    assert 3 <= n_again <= 6, "3 % of 150"
    found = label_result(sitting, "none")
    assert found.n_repeated == n_again
    assert found.agreement is not None
    assert found.agreement.value == 0
    assert len(found.changed) == n_again
    assert {row["label"] for row in _rows(tmp_path)} == {"cat"}


def test_undo_past_an_answer_that_is_to_be_asked_again_asks_for_it_anew(tmp_path: Path) -> None:
    sitting = sitting_of(tmp_path, tuple(f"text {i}" for i in range(200)))
    while sitting.state().next[0]["id"] not in np.flatnonzero(sitting.known().done):
        answer(sitting, "cat")
    again = sitting.state().next[0]["id"]
    while sitting.known().done[again]:
        sitting.undo()
    answer(sitting, "dog", again)
    assert sitting.known().values[again] == "dog"
    assert "dog" in [row["label"] for row in _rows(tmp_path)]


def test_a_crash_while_taking_back_keeps_what_the_table_said_first(tmp_path: Path) -> None:
    table = tmp_path / "labels.csv"
    table.write_text(f"text,label\n{TEXTS[3]},cat\n", "utf-8")
    sitting = sitting_of(tmp_path)
    answer(sitting, "dog", sitting.items.cells.index(TEXTS[3]))
    before = table.read_bytes()
    sitting.undo()
    table.write_bytes(before)  # killed between the journal and the table
    sitting_of(tmp_path)
    assert [row["label"] for row in _rows(tmp_path)] == ["cat"]


def test_copies_are_asked_about_once(tmp_path: Path) -> None:
    sitting = sitting_of(tmp_path, ("a cat", "a dog", "a cat"))
    assert sitting.state().n_items == 2
    assert any("content of another" in note for note in sitting.state().notes)


def test_nonsense_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    sitting = sitting_of(tmp_path)
    for number, value in ((-1, "cat"), (999, "cat"), ("0", "cat"), (0, ""), (0, "a\nb"),
                          (0, 7), (0, ["cat"]), (0, "x" * 300)):  # fmt: skip
        with pytest.raises(ParameterError):
            sitting.answer([{"id": number, "value": value}])
    assert not (tmp_path / "labels.csv").exists()
    with pytest.raises(ParameterError):
        sitting.add_class(" ")


def test_classes_that_were_added_stay(tmp_path: Path) -> None:
    sitting_of(tmp_path, classes=["cat"]).add_class("never used")
    assert sitting_of(tmp_path, classes=["cat"]).state().classes == ["cat", "never used"]


def test_contradictions_in_the_table_are_named(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text(f"text,label\n{TEXTS[0]},a\n{TEXTS[0]},b\n", "utf-8")
    with pytest.raises(DataError, match="both a and b"):
        sitting_of(tmp_path)


def test_a_table_without_items_or_of_another_form_is_refused(tmp_path: Path) -> None:
    table = tmp_path / "labels.csv"
    table.write_text("name,label\nx,a\n", "utf-8")
    with pytest.raises(DataError, match="no column text"):
        sitting_of(tmp_path)
    table.write_text("text,x_min,y_min,x_max,y_max,label\nx,1,1,2,2,a\n", "utf-8")
    with pytest.raises(DataError, match="another kind"):
        sitting_of(tmp_path)
    assert table.read_text("utf-8").endswith("x,1,1,2,2,a\n")


def test_formulas_and_line_breaks_survive(tmp_path: Path) -> None:
    texts = ("=1+1", "two\nlines", 'a "quoted", one', " blanks around ", "plain")
    sitting = sitting_of(tmp_path, texts)
    for i in range(len(texts)):
        answer(sitting, f"class {i}", i)
    again = sitting_of(tmp_path, texts)
    assert again.known().values == tuple(f"class {i}" for i in range(len(texts)))
    assert not any(row["text"].startswith("=") for row in _rows(tmp_path))


def test_pictures_are_named_from_the_folder_of_the_table(drawn: Path, tmp_path: Path) -> None:
    sitting = sitting_of(tmp_path, drawn)
    for shown in sitting.state().next:
        answer(sitting, Path(shown["texts"][0]).parent.name, shown["id"])
    data = tw.read(tmp_path / "labels.csv")
    assert len(data) == len(_rows(tmp_path))
    assert {item.path.parent.name for item in data.items if item.path} == set(data.classes.labels)


@pytest.mark.parametrize("form", ["labels", "boxes"])
def test_several_labels_and_boxes_are_read_back(drawn: Path, tmp_path: Path, form) -> None:
    sitting = sitting_of(tmp_path, drawn, form=form)
    values = {
        "labels": (["round", "grey"], [], ["grey"]),
        "boxes": ([["disc", 1, 2.5, 30, 40], ["disc", 4, 4, 9, 9]], [], [["bar", 0, 0, 48, 5]]),
    }[form]
    for i, value in enumerate(values):
        answer(sitting, list(value), i)
    again = sitting_of(tmp_path, drawn, form=form)
    assert again.state().n_labelled == 3
    assert [len(again.known().values[i] or ()) for i in range(3)] == [2, 0, len(values[2])]
    data = tw.read(tmp_path / "labels.csv", split="all", task=form)
    assert len(data) == 3
    if form == "boxes":
        assert data.boxes.counts().sum() == 3
        assert sorted(data.boxes.image_counts().tolist()) == [1, 1]
    else:
        assert sorted(map(len, data.targets.values())) == [0, 1, 2]


def test_a_large_sitting_answers_quickly(tmp_path: Path) -> None:
    """The work per answer does not grow with what was answered before."""
    import time

    texts = tuple(f"text {i}" for i in range(10_000))
    sitting = sitting_of(tmp_path, texts)
    sitting.answer([{"id": i, "value": "cat"} for i in range(5_000)], grid=True)
    seconds = []
    for _ in range(40):
        begun = time.perf_counter()
        answer(sitting, "dog")
        sitting.state()
        seconds.append(time.perf_counter() - begun)
    assert np.median(seconds) < 0.1
