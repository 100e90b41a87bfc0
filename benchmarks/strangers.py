"""Items that no class is about, of other kinds than those that the package measures itself by."""

from __future__ import annotations

import ast
import importlib.metadata
import inspect
import re
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

SIDE = 200
Pixels = NDArray[np.uint8]


def made_images(n: int, seed: int = 0) -> list[Pixels]:
    """``n`` images of ``(SIDE, SIDE, 3)``: forms, charts, mazes, rings, codes and coarse noise."""
    rng = np.random.default_rng(seed)
    makers = list(_MAKERS)
    return [makers[i % len(makers)](rng) for i in range(n)]


def _form(rng: np.random.Generator) -> Pixels:
    """A table of numbers, as on a scanned form."""
    page = Image.new("L", (SIDE, SIDE), 245)
    draw = ImageDraw.Draw(page)
    step = int(rng.integers(16, 30))
    for at in range(6, SIDE, step):
        draw.line([6, at, SIDE - 6, at], fill=90)
        for x in range(10, SIDE - 30, 45):
            draw.text((x, at + 2), f"{rng.integers(1, 9999)}", fill=40)
    return np.asarray(page.rotate(float(rng.uniform(-4, 4)), fillcolor=245).convert("RGB"))


def _chart(rng: np.random.Generator) -> Pixels:
    page = Image.new("RGB", (SIDE, SIDE), (255, 255, 255))
    draw = ImageDraw.Draw(page)
    hue = tuple(rng.integers(0, 200, 3).tolist())
    for i, height in enumerate(rng.integers(10, SIDE - 40, 7).tolist()):
        draw.rectangle([15 + 25 * i, SIDE - 20 - height, 33 + 25 * i, SIDE - 20], fill=hue)
    draw.line([10, 10, 10, SIDE - 20, SIDE - 10, SIDE - 20], fill=(0, 0, 0), width=2)
    return np.asarray(page)


def _maze(rng: np.random.Generator) -> Pixels:
    page = Image.new("L", (SIDE, SIDE), 255)
    draw = ImageDraw.Draw(page)
    cell = int(rng.integers(8, 20))
    for x in range(0, SIDE, cell):
        for y in range(0, SIDE, cell):
            ends = (x, y, x + cell, y + cell) if rng.random() < 0.5 else (x + cell, y, x, y + cell)
            draw.line(ends, fill=0, width=2)
    return np.asarray(page.convert("RGB"))


def _rings(rng: np.random.Generator) -> Pixels:
    x, y = np.meshgrid(*2 * [np.linspace(-1, 1, SIDE)])
    radius = np.hypot(x - rng.uniform(-0.5, 0.5), y - rng.uniform(-0.5, 0.5))
    waves = 0.5 + 0.5 * np.sin(radius * rng.uniform(10, 60) + rng.uniform(0, 6, 3)[:, None, None])
    return np.asarray(255 * waves.transpose(1, 2, 0), np.uint8)


def _code(rng: np.random.Generator) -> Pixels:
    """Black and white squares, as of a matrix code."""
    n = int(rng.integers(15, 35))
    bits = rng.integers(0, 2, (n, n), dtype=np.uint8) * 255
    return np.asarray(Image.fromarray(bits).resize((SIDE, SIDE), 0).convert("RGB"))


def _coarse(rng: np.random.Generator) -> Pixels:
    """Blurred colours, as of a covered lens."""
    few = rng.integers(0, 256, (int(rng.integers(3, 9)), 6, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(few).resize((SIDE, SIDE), Image.Resampling.BICUBIC))


_MAKERS: tuple[Callable[[np.random.Generator], Pixels], ...] = (
    _form,
    _chart,
    _maze,
    _rings,
    _code,
    _coarse,
)


def licence_sentences(n: int, seed: int = 0) -> list[str]:
    """Sentences of the licences of installed packages."""
    texts = []
    for name in ("numpy", "scipy", "torch", "pillow", "pyarrow"):
        files = importlib.metadata.files(name) or []
        texts += [
            file.read_text(encoding="utf-8")
            for file in files
            if "LICEN" in file.name.upper() and file.suffix in {"", ".txt", ".md"}
        ]
    return _drawn(_sentences(" ".join(texts)), n, seed)


def manual_sentences(n: int, seed: int = 0) -> list[str]:
    """Sentences of the documentation of functions for signals and statistics."""
    from scipy import signal, stats

    texts = [
        inspect.getdoc(getattr(module, name)) or ""
        for module in (signal, stats)
        for name in sorted(dir(module))
        if not name.startswith("_")
    ]
    first = [text.split("Parameters")[0] for text in texts]
    return _drawn(_sentences(" ".join(first)), n, seed)


def program_lines(n: int, seed: int = 0) -> list[str]:
    """Statements of this package's own dependencies, and of the standard library."""
    lines = [
        ast.unparse(node)
        for module in (ast, inspect, re)
        for node in ast.walk(ast.parse(inspect.getsource(module)))
        if isinstance(node, ast.Assign | ast.Return | ast.Expr)
    ]
    return _drawn([line for line in lines if 20 <= len(line) <= 120 and '"""' not in line], n, seed)


def invented_words(n: int, seed: int = 0) -> list[str]:
    """Rows of words that no language has."""
    rng = np.random.default_rng(seed)
    onsets, ends = list("bdfgklmnprstvz"), ["a", "e", "o", "un", "ir", "ak", "el", "os"]
    return [
        " ".join(
            "".join(rng.choice(onsets) + rng.choice(ends) for _ in range(rng.integers(2, 4)))
            for _ in range(rng.integers(4, 12))
        )
        for _ in range(n)
    ]


def _sentences(text: str) -> list[str]:
    plain = re.sub(r"\s+", " ", re.sub(r"[`*=_\\-]{2,}|:\w+:", " ", text))
    found = dict.fromkeys(re.split(r"(?<=[.;])\s+", plain))
    return [s for s in found if 30 <= len(s) <= 200 and sum(c.isalpha() for c in s) > 0.7 * len(s)]


def _drawn(texts: list[str], n: int, seed: int) -> list[str]:
    order = np.random.default_rng(seed).permutation(len(texts))
    return [texts[i] for i in order[:n]]


FOREIGN = (
    "Domani il mercato si tiene in piazza dalle otto alle tredici.",
    "Il treno delle dieci arriva con venti minuti di ritardo.",
    "La cucina è stata ridipinta di giallo durante le vacanze.",
    "Dopo la pioggia i sentieri del bosco erano pieni di fango.",
    "De winkel op de hoek verkoopt vers brood en kaas.",
    "Morgen gaan we met de fiets naar het strand.",
    "Het dak van de schuur moet voor de winter worden hersteld.",
    "Pociąg do Krakowa odjeżdża z peronu trzeciego.",
    "Sklep jest otwarty od poniedziałku do soboty.",
    "Wczoraj wieczorem długo padał śnieg w górach.",
    "Toplantı yarın saat onda ikinci katta yapılacak.",
    "Köyün yanındaki göl kışın tamamen donuyor.",
    "Bu yıl zeytin hasadı geçen yıldan daha iyi oldu.",
    "도서관은 매주 월요일에 문을 닫습니다.",
    "내일 오전에는 비가 조금 올 것으로 보입니다.",
    "기차는 십 분 늦게 도착할 예정입니다.",
    "Το πλοίο φεύγει από το λιμάνι στις επτά το πρωί.",
    "Η αγορά κλείνει νωρίς το Σάββατο.",
    "Tåget till Malmö går från spår fyra.",
    "Köket ska målas om innan sommaren.",
    "Biblioteket ligger bredvid den gamla kyrkan.",
    "कल सुबह बाज़ार देर से खुलेगा।",
    "नदी के किनारे एक पुराना मंदिर है।",
    "Chuyến tàu sẽ đến ga lúc chín giờ tối.",
    "Cửa hàng ở góc phố bán bánh mì và cà phê.",
    "Buổi họp được dời sang chiều thứ năm.",
    "Harga beras naik sedikit pada bulan ini.",
    "Perpustakaan itu tutup pada hari libur nasional.",
    "Vlak do Brna odjíždí z druhého nástupiště.",
    "Střecha stodoly se musí opravit ještě před zimou.",
    "A piac szombaton délig tart nyitva.",
    "Holnap reggel hideg szél várható a hegyekben.",
)
"""Sentences about everyday life, in languages that the package's own list doesn't have."""
