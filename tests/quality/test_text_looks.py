"""Copies of texts are found, whatever was done to them; different texts are left alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from topwork.data import NAMED, Item, Shingling, TextModality
from topwork.data.preprocessing.shingling import normalised
from topwork.quality import TextSimilarity, find_duplicates
from topwork.quality.text_similarity import ALIKE, shared

KIND = TextModality()
STEMS = [a + b for a in ("ka", "lo", "mi", "ru") for b in ("ben", "dal", "fit", "gor")]
WORDS = [stem + end for stem in STEMS for end in ("", "s", "en")]


def find(texts: list[str]):
    contents = [KIND.read(Item(f"item {i}", value=t)) for i, t in enumerate(texts)]
    sketches = np.stack([KIND.decode(content, Shingling()) for content in contents])
    similarity = TextSimilarity(sketches, np.array([len(t) for t in texts]))
    return find_duplicates([c.key for c in contents], similarity, np.zeros((len(texts), 2)))


def draw(n: int, words: int, seed: int = 0) -> list[str]:
    rng = np.random.default_rng(seed)
    return [" ".join(rng.choice(WORDS, words)) for _ in range(n)]


def test_copies_are_found() -> None:
    first = draw(20, 25)
    rng = np.random.default_rng(1)
    typing = [t.upper() + " !!" for t in first]
    spelling = [t.replace(" ", "  ", 3) for t in first]
    changed = []
    for text in first:
        words = text.split()
        words[rng.integers(25)] = "quite"
        changed.append(" ".join(words))
    found = find([*first, *typing, *spelling, *changed])
    assert found.groups.tolist() == list(range(20)) * 4
    assert {pair.kind for pair in found.pairs} == {"near"}
    assert [len(m) for m in found.members()] == [4] * 20


def test_different_texts_are_left_alone() -> None:
    assert find(draw(300, 25)).pairs == ()
    assert (
        find(["not good", "good", "no good", "so good", "5 stars", "4 stars", "?!", "!?"]).pairs
        == ()
    )


def test_equal_texts_are_exact_copies() -> None:
    found = find(["a fine film", "dull", " a fine film "])
    assert [(p.first, p.second, p.kind) for p in found.pairs] == [(0, 2, "exact")]


def test_the_share_of_shingles_is_estimated_without_bias() -> None:
    """Over many pairs of texts, as the hashes are the same for all."""
    gaps, letters = [], np.array(list("abcdefghijklmnopqrstuvwxyz"))
    rng = np.random.default_rng(0)
    for _ in range(200):
        common, a, b = ("".join(rng.choice(letters, n)) for n in (120, 40, 40))
        sets = [{t[i : i + 5] for i in range(len(t) - 4)} for t in (common + a, common + b)]
        truth = len(sets[0] & sets[1]) / len(sets[0] | sets[1])
        sketches = [Shingling().sketch(t)[NAMED:] for t in (common + a, common + b)]
        gaps.append(shared(*sketches) - truth)
    assert abs(np.mean(gaps)) < 4 * np.std(gaps) / np.sqrt(len(gaps))
    assert 0.02 < np.std(gaps) < 0.07  # sqrt(0.6 * 0.4 / 128) = 0.043
    assert 0.5 < truth < ALIKE


@pytest.mark.parametrize(
    ("text", "plain"), [("ﬁne  FILM!", "fine film"), ("?!", "?!"), ("ß", "ss")]
)
def test_normalised(text: str, plain: str) -> None:
    assert normalised(text) == plain


@given(st.text(min_size=1, max_size=300))
def test_any_text_has_a_sketch(text: str) -> None:
    readable = text.encode("utf-8", "replace").decode()
    assert Shingling().sketch(readable).shape == (NAMED + 128,)
