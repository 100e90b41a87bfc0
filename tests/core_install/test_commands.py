"""Every command does the default job without the packages of any extra."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import draw_folder
from tests.core_install.conftest import Answer
from topwork.search.rungs.whole import FULL


def test_the_default_job(core, images: Path, model: Path) -> None:
    page, other = images.parent / "page.html", draw_folder(images.parent / "other", 6, seed=1)
    commands = (
        ["check", images, "--json"],
        ["rank", images, "--backbones", "efficientnet_lite0/128,efficientnet_lite0", "--json"],
        ["evaluate", model, other, "--json"],
        ["predict", model, other, "--json"],
        ["adapt", model, other, "--out", images.parent / "adapted.topwork", "--json"],
        ["report", model, "--out", page],
        ["cache", "--json"],
    )
    for command, answer in zip(commands, core(*commands), strict=True):
        assert answer.status == 0, (command[0], answer.err)
        assert "Traceback" not in answer.err


def test_auto_leaves_out_what_trains_layers_and_says_so(core, images: Path, model: Path) -> None:
    out = images.parent / "auto.topwork"
    options = ("--strategy", "auto", "--backbone", "packaged:efficientnet_lite0/64")
    (fitted,) = core(["fit", images, *options, "--out", out, "--json"])
    assert fitted.status == 0, fitted.err
    said = [line for line in fitted.err.splitlines() if "left out" in line]
    assert len(said) == 1
    assert "pip install" in said[0]
    assert "[train]" in said[0]
    ladder = fitted.json["ladder"]
    assert all(rung["tried"] for rung in ladder if rung["name"].startswith("several depths"))
    absent = [rung["name"] for rung in ladder if "extra train" in rung["reason"]]
    assert FULL in absent


def test_a_thorough_fit_leaves_the_untrained_network_out(core, images: Path) -> None:
    out = images.parent / "thorough.topwork"
    (fitted,) = core(
        ["fit", images, "--thorough", "--backbone", "efficientnet_lite0/64", "--out", out]
    )
    assert fitted.status == 0, fitted.err
    assert sum("left out" in line for line in fitted.err.splitlines()) == 1


def test_a_misspelt_name_is_not_taken_for_one_of_timm(core, images: Path) -> None:
    (answer,) = core(["fit", images, "--backbone", "efficientnet_lit0", "--json"])
    assert answer.status == 2
    assert "Did you mean packaged:efficientnet_lite0" in answer.json["error"]["remedy"]


NEEDS = {
    ("--strategy", "partial"): "train",
    ("--strategy", "full"): "train",
    ("--strategy", "lora"): "train",
    ("--backbone", "timm:resnet18"): "train",
    ("--backbone", "resnet18"): "train",
    ("--backbone", "random:efficientnet_lite0"): "train",
    ("--backbone", "transformers:facebook/dinov2-small"): "hub",
    ("--backbone", "keras:resnet50"): "keras",
    ("--engine", "torch"): "train",
    ("--int8",): "int8",
}


@pytest.fixture(scope="module")
def refusals(core, images: Path) -> dict[tuple[str, ...], Answer]:
    """What each of them is told, all in one process."""
    out = images.parent / "none.topwork"
    answers = core(*(["fit", images, "--out", out, "--json", *options] for options in NEEDS))
    assert not out.exists()
    return dict(zip(NEEDS, answers, strict=True))


@pytest.mark.parametrize(("options", "extra"), NEEDS.items())
def test_what_needs_an_extra_names_it(refusals, options: tuple[str, ...], extra: str) -> None:
    answer = refusals[options]
    assert answer.status == 2, answer.err
    error = answer.json["error"]
    assert error["code"] == "missing_extra"
    assert f"[{extra}]" in error["remedy"]
    assert "pip install" in error["remedy"]


def test_watching_a_video_names_its_extra_and_a_folder_needs_none(
    core, images: Path, model: Path
) -> None:
    video = images.parent / "v.mp4"
    video.write_bytes(b"no video")
    refused, folder = core(
        ["watch", model, video, "--json"],
        ["watch", model, images, "--seconds", "2.5", "--json"],
    )
    assert refused.status == 2, refused.err
    error = refused.json["error"]
    assert error["code"] == "missing_extra"
    assert "[video]" in error["remedy"]
    assert folder.status == 0, folder.err
    assert folder.json["frames"]["answered"] == 24
