"""New domains on a command line: what is made for each, and what to type for one."""

from __future__ import annotations

from pathlib import Path

from topwork.errors import ParameterError


def targets_of(model: Path, domains: list[Path], out: Path | None, ending: str) -> list[Path]:
    """Where what is made for each domain goes; of several, into a folder.

    Examples
    --------
    >>> model, domains = Path("cards.topwork"), [Path("phone"), Path("scan")]
    >>> [path.name for path in targets_of(model, domains, None, "-annotate")]
    ['cards-phone-annotate', 'cards-scan-annotate']
    >>> [path.name for path in targets_of(model, domains[:1], None, "-adapted.topwork")]
    ['cards-adapted.topwork']
    """
    stem = model.name.removesuffix(".topwork")
    if len(domains) == 1:
        return [out or model.with_name(f"{stem}{ending}")]
    names = [domain.resolve().stem for domain in domains]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ParameterError(
            f"Two of the new domains are called {twice}.",
            remedy="Adapt to them one after the other, each with --out.",
        )
    folder = out or model.parent
    ending = ending.removeprefix("-adapted")
    return [folder / f"{stem}-{name}{ending}" for name in names]
