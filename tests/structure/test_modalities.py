"""What differs between modalities hangs on them, or in one registry for each layer."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import get_args

import pytest

import topwork as tw
from tests.structure import series
from tests.structure.registries import REGISTRIES
from tests.structure.source import SOURCE, modules, tree_of
from tests.structure.switches import NAMES, switches
from topwork.data import MODALITIES
from topwork.data.modality import Items
from topwork.inductive import FitSettings, fit


@pytest.mark.parametrize("layer", REGISTRIES)
def test_every_registry_covers_every_modality(layer: str) -> None:
    file, registry = REGISTRIES[layer]
    assert set(registry) == set(MODALITIES) == NAMES
    assert file.startswith(f"{layer}/")
    assert (SOURCE / file).is_file()


def test_the_command_line_offers_every_modality() -> None:
    assert get_args(Items) == ("auto", *MODALITIES)


def test_nothing_else_asks_which_modality_it_is() -> None:
    allowed = {file for file, _ in REGISTRIES.values()}
    found = [
        f"{name}:{line}"
        for name, path in modules()
        if name not in allowed
        for line in sorted(switches(tree_of(path)))
    ]
    assert found == []


@pytest.mark.parametrize(
    "code",
    [
        "kind == 'image'",
        "'text' != data.kind.name",
        "kind in ('image', 'text')",
        "{'image': 1, 'text': 2}[kind]",
        "isinstance(data.kind, ImageModality)",
        "isinstance(found, (TextSimilarity, str))",
    ],
)
def test_a_switch_would_be_found(code: str) -> None:
    assert switches(ast.parse(code)) == {1}


def test_no_template_asks_it(tmp_path: Path) -> None:
    texts = [path.read_text("utf-8") for path in SOURCE.rglob("*.j2")]
    assert len(texts) > 5
    assert not [text for text in texts for name in NAMES if f'== "{name}"' in text]


def test_a_new_modality_needs_an_entry_for_each_layer_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert set(series.ENTRIES) == set(REGISTRIES)
    series.listed(monkeypatch)
    texts, labels = series.some(40)
    data = tw.read(texts, labels, items=series.NAME)
    settings = FitSettings(backbone="pixels", thorough=True)
    fitted = fit(data, settings, save_to=tmp_path / "model")
    assert fitted.result.modality == "series"
    assert fitted.result.scores is not None
    assert fitted.result.scores.accuracy.value > 0.9
    model = tw.load(tmp_path / "model")
    others, truth = series.some(20, seed=1)
    assert model.predict(others).tolist() == truth
    assert model.evaluate(tw.read(others, truth, items=series.NAME)).scores.accuracy.value == 1
    table = tmp_path / "more.csv"
    rows = zip(others, truth, strict=True)
    table.write_text("series,label\n" + "".join(f"{text},{label}\n" for text, label in rows))
    assert tw.read(table, items=series.NAME).kind.name == series.NAME
