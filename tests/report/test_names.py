"""Names become visible and stay short; nothing else happens to them."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from topwork.report.names import LONGEST_BRIEF, brief, visible, visible_name

ANYTHING = st.text(st.characters(), max_size=400)


@given(ANYTHING)
def test_visible_text_has_nothing_to_hide(text: str) -> None:
    shown = visible(text)
    shown.encode("utf-8")
    hidden = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    assert all(unicodedata.category(c) not in hidden or c in "\u200c\u200d" for c in shown)


@given(ANYTHING)
def test_visible_changes_visible_text_no_more(text: str) -> None:
    once = visible(text)
    assert visible(once) == once


@given(ANYTHING)
def test_names_are_short_and_never_empty(text: str) -> None:
    assert 0 < len(brief(visible_name(text))) <= LONGEST_BRIEF + 3


def test_scripts_and_joiners_stay_as_they_are() -> None:
    for text in ("naïve", "میخواهم", "می\u200cخواهم", "คำที่", "👩\u200d🔬", "中文", "tiếng Việt"):
        assert visible(text) == text
