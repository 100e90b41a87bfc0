"""Templates whose Python code is kept as Python keeps that of modules: in ``__pycache__``."""

from __future__ import annotations

from collections.abc import MutableMapping
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zlib import crc32

import jinja2

if TYPE_CHECKING:
    from types import CodeType

    from _typeshed import ReadableBuffer, StrOrBytesPath


class CompiledTemplates(jinja2.BaseLoader):
    """Loads the templates of a folder; one that has not changed is not compiled again.

    Compiling those of a page takes longer than a small fit. The library's own cache would be a
    pickle in a folder of its own; here the rules are those of any module: bytecode lies beside the
    source, and where Python doesn't write any, or can't, nothing is written.

    Parameters
    ----------
    folder
        Holds the templates.
    sources
        Files that compiled templates depend on, too: where filters are defined, whose results for
        constants become part of the code.
    """

    def __init__(self, folder: Path, sources: list[Path]) -> None:
        self._folder = folder
        stamps = [(file.name, file.stat().st_mtime_ns) for file in sorted(sources)]
        self._stamp = crc32(repr((jinja2.__version__, stamps)).encode())

    def load(
        self,
        environment: jinja2.Environment,
        name: str,
        globals: MutableMapping[str, Any] | None = None,  # noqa: A002  the library's name
    ) -> jinja2.Template:
        loader = _TemplateSource(environment, name, self._folder / name, self._stamp)
        code = loader.get_code(loader.name)
        assert code is not None, "a file has code, or its loader raises"
        return environment.template_class.from_code(environment, code, globals or {})


class _TemplateSource(SourceFileLoader):
    """Python's loader of source files, with the translation of templates in between."""

    def __init__(self, environment: jinja2.Environment, name: str, file: Path, stamp: int) -> None:
        super().__init__(name, str(file))
        self._environment, self._stamp = environment, stamp

    def path_stats(self, path: StrOrBytesPath) -> dict[str, Any]:
        """When the source changed, and in the same number what its code depends on besides."""
        stats = super().path_stats(path)  # type: ignore[arg-type]
        return {**stats, "mtime": (int(stats["mtime"]) ^ self._stamp) & 0xFFFFFFFF}

    def source_to_code(  # type: ignore[override]
        self, data: ReadableBuffer, path: StrOrBytesPath, *, _optimize: int = -1
    ) -> CodeType:
        return self._environment.compile(bytes(data).decode(), self.name, str(path))
