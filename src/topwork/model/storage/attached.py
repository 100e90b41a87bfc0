"""Texts in a bundle: the tokenizer of its network, and pages for people."""

from __future__ import annotations

import hashlib
from pathlib import Path

from topwork.backbones import InputSpec
from topwork.model.card import NetworkCard, SealedCard
from topwork.model.storage.json_file import check_nesting
from topwork.model.storage.manifest import PAGES, TOKENIZER, Manifest
from topwork.model.storage.refusal import refusal

MAX_TOKENIZER_BYTES = 64 * 2**20
MAX_PAGE_BYTES = 256 * 2**20


def tokenizer_in(folder: Path, card: NetworkCard) -> str:
    """Of texts, the tokenizer that the card names.

    Raises
    ------
    BundleError
        It is another one, or none.
    """
    if isinstance(card.input, InputSpec):
        return ""
    file = folder / TOKENIZER
    if file.stat().st_size > MAX_TOKENIZER_BYTES:
        raise refusal(f"{TOKENIZER} is too large.", code="too_large")
    try:
        text = file.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise refusal(f"{TOKENIZER} is not in UTF-8.", code="bad_json") from error
    check_nesting(text, TOKENIZER)
    if hashlib.blake2b(text.encode(), digest_size=16).hexdigest() != card.input.digest:
        raise refusal(f"{TOKENIZER} is not the one that model.json names.", code="other_tokenizer")
    return text


def pages_in(folder: Path, manifest: Manifest) -> dict[str, str]:
    """Texts for people by file name, those that are there."""
    pages = (folder / name for name in sorted(PAGES & manifest.files.keys()))
    return {
        page.name: page.read_text("utf-8", errors="replace")
        for page in pages
        if page.is_file() and page.stat().st_size <= MAX_PAGE_BYTES
    }


def optional_files(card: SealedCard) -> frozenset[str]:
    """The files that not every model has."""
    tokenized = isinstance(card, NetworkCard) and card.input.tokenized
    return frozenset({TOKENIZER}) if tokenized else frozenset()
