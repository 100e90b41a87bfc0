"""``topwork rank`` and ``fit --backbone auto`` as a user meets them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import draw_folder
from topwork.cli.app import run
from topwork.data import read
from topwork.errors import ParameterError
from topwork.inductive import FitSettings, fit
from topwork.ranking import backbone_candidate
from topwork.ranking.backbone_candidate import Candidate, candidates_of
from topwork.ranking.ranked import Ranking
from topwork.ranking.ranking import rank

SMALL = "packaged:efficientnet_lite0/64"


def _json(capsys, *arguments: str, status: int = 0) -> dict:
    assert run([*arguments, "--json"]) == status
    out = capsys.readouterr().out
    assert out.count("\n") == 1, "exactly one JSON object"
    return json.loads(out)


def test_rank(drawn: Path, capsys) -> None:
    said = _json(capsys, "rank", str(drawn), "--backbones", f"{SMALL}, pixels,pixels")
    Ranking.model_validate(said)
    assert said["best"] == said["backbones"][0]["backbone"]
    assert {one["backbone"] for one in said["backbones"]} == {SMALL, "pixels"}
    assert (said["n_items"], said["n_used"], said["n_classes"]) == (36, 36, 3)
    small = next(one for one in said["backbones"] if one["backbone"] == SMALL)
    assert small["input"] == [64, 64]
    assert small["licence"] == "Apache-2.0"
    assert small["images_per_second"] > 0
    assert small["scores"]["balanced_accuracy"]["value"] > 0.9
    assert 0 < small["gflops"] < 0.05
    assert 0 < small["h_score"] <= 2
    if len(said["ties"]) == 2:
        assert said["ties"] == ["pixels", SMALL], "from cheap to dear"
        assert said["best"] == "pixels"


def test_rank_for_people(drawn: Path, capsys) -> None:
    assert run(["rank", str(drawn), "--backbones", f"{SMALL},pixels"]) == 0
    out = capsys.readouterr().out
    rows = [line for line in out.splitlines() if SMALL in line and "Apache" in line]
    assert len(rows) == 1, "a candidate is one line, however narrow the terminal"
    assert "LogME" in out
    assert f"topwork fit {drawn} --backbone" in out


def test_part_of_the_items_is_enough(tmp_path: Path, capsys) -> None:
    folder = draw_folder(tmp_path / "shapes", 20)
    (folder / "noise" / "bad.png").touch()
    said = _json(capsys, "rank", str(folder), "--backbones", "pixels", "--max-items", "40")
    assert said["n_items"] == 61
    assert said["n_used"] + len(said["rejected"]) == 40


def test_groups_are_left_out_whole(drawn: Path, session_cache) -> None:
    data = read(drawn)
    groups = [i // 3 for i in range(len(data))]
    pictures = [item.path for item in data.items]
    grouped = read(pictures, data.targets.values(), groups=groups)
    found = rank(grouped, [Candidate("pixels")], timed=False)
    assert found.n_groups <= 12
    assert found.backbones[0].images_per_second is None


@pytest.mark.parametrize(
    ("arguments", "message", "remedy"),
    [
        (["--backbones", "pixels,efficientnet_light0"], "efficientnet_light0", "Did you mean"),
        (["--backbones", "efficientnet_lite0/7"], "out of range", "between 32 and 1024"),
        (["--backbones", "pixels/32"], "only takes images", "Leave the size out"),
        (["--backbones", " , "], "no backbones", "shortlist or all"),
        (["--max-items", "-1"], "--max-items cannot be -1", "0 for all"),
    ],
)
def test_bad_names_and_numbers_are_refused(
    arguments: list[str], message: str, remedy: str, drawn: Path, capsys
) -> None:
    error = _json(capsys, "rank", str(drawn), *arguments, status=2)["error"]
    assert message in error["message"]
    assert remedy in error["remedy"]


def test_data_without_classes_are_refused(tmp_path: Path, capsys) -> None:
    folder = draw_folder(tmp_path / "shapes", 3)
    table = tmp_path / "table.csv"
    table.write_text("path\n" + "".join(f"{p}\n" for p in sorted(folder.rglob("*.png"))))
    error = _json(capsys, "rank", str(table), "--backbones", "pixels", status=2)["error"]
    assert "label" in error["message"]
    assert error["remedy"]


def test_lists_of_candidates() -> None:
    shortlist = candidates_of("shortlist")
    assert Candidate("packaged:efficientnet_lite0") in shortlist
    everything = candidates_of("all")
    assert len(everything) >= 10
    assert set(shortlist) <= set(everything)
    assert candidates_of("pixels,shortlist,pixels") == [Candidate("pixels"), *shortlist]
    with pytest.raises(ParameterError, match="no backbones"):
        candidates_of([])


def test_fit_takes_the_first_of_the_ranking(drawn: Path, session_cache, monkeypatch) -> None:
    monkeypatch.setitem(
        backbone_candidate.LISTS["image"], "shortlist", (SMALL, "random:efficientnet_lite0/64")
    )
    fitted = fit(read(drawn), FitSettings(backbone="auto", baselines=False))
    ranking = fitted.result.ranking
    assert ranking is not None
    assert fitted.result.backbone == ranking.best
    assert len(ranking.backbones) == 2
    assert fitted.model.parts.card.backbone == ranking.best
