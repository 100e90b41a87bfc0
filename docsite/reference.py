"""Pages of the reference, made from the code: commands, errors, the Python interface, schemas."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

import topwork
from topwork.cli.app import app
from topwork.errors import UserError

SOURCE = Path(topwork.__file__).parent


def commands() -> str:
    """Every command with its arguments and options."""
    group: Any = typer.main.get_command(app)
    parts = [
        "# Commands",
        "Every command ends with 0; with 2 for what the user or the data did, and ",
    ]
    parts[-1] += (
        "a sentence that says what to do; with 130 when interrupted; with 1 for a fault of topwork."
    )
    for name, command in group.commands.items():
        parts += [f"## topwork {name}", command.help.strip(), *_parameters(name, command)]
    return "\n\n".join(parts) + "\n"


def _parameters(name: str, command: Any) -> Iterator[str]:
    arguments = [one for one in command.params if one.param_type_name == "argument"]
    options = [one for one in command.params if one.param_type_name == "option" and not one.hidden]
    named = [str(one.metavar or one.name.upper()) for one in arguments]
    yield f"```text\ntopwork {' '.join([name, *named, '[OPTIONS]'])}\n```"
    rows = [(f"`{place}`", one.help or "") for place, one in zip(named, arguments, strict=True)]
    for one in options:
        flags = ", ".join(f"`{flag}`" for flag in (*one.opts, *one.secondary_opts))
        default = one.default
        told = default not in (None, False, (), "") and not callable(default)
        rows.append((flags, f"{one.help or ''}{f' Default: {default}.' if told else ''}"))
    yield "\n".join(
        ["| | |", "|---|---|", *(f"| {left} | {_cell(right)} |" for left, right in rows)]
    )


def errors() -> str:
    """The codes of all errors that name a remedy, found in the source."""
    rows = ["| code | kind | where it comes from |", "|---|---|---|"]
    found: dict[tuple[str, str], set[str]] = {}
    for kind in _kinds(UserError):
        found[kind.code, kind.__name__] = set()
    for file in sorted(SOURCE.rglob("*.py")):
        for code, kind in _codes(ast.parse(file.read_text("utf-8"))):
            found.setdefault((code, kind), set()).add(file.relative_to(SOURCE).parts[0])
    for (code, kind), places in sorted(found.items()):
        rows.append(f"| `{code}` | `{kind}` | {', '.join(sorted(places)) or 'everywhere'} |")
    intro = (
        '# Error codes\n\nWith `--json` and exit status 2 a command prints `{"error": {"code", '
        '"message", "remedy"}}`. Messages may change, codes stay. In Python the exception has the '
        "attributes `code`, `message` and `remedy`; all derive from `topwork.errors.UserError`."
        "\n\n"
    )
    return intro + "\n".join(rows) + "\n"


def _kinds(kind: type[UserError]) -> Iterator[type[UserError]]:
    yield kind
    for one in kind.__subclasses__():
        yield from _kinds(one)


def _codes(tree: ast.AST) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", "")
            for keyword in node.keywords:
                value = keyword.value
                if (
                    keyword.arg == "code"
                    and name.endswith("Error")
                    and isinstance(value, ast.Constant)
                ):
                    yield str(value.value), name


def interface() -> dict[str, str]:
    """A page for each name that ``import topwork`` gives."""
    pages = {}
    for name in sorted(topwork.__all__):
        where = getattr(topwork, name)
        path = f"{where.__module__}.{where.__qualname__}"
        pages[f"reference/python/{name}.md"] = f"# {name}\n\n::: {path}\n"
    listed = "\n".join(f"- [{name}](python/{name}.md)" for name in sorted(topwork.__all__))
    pages["reference/python.md"] = (
        f"# Python\n\n`import topwork as tw` loads nothing until a name is used.\n\n{listed}\n"
    )
    return pages


def schemas() -> dict[str, str]:
    """The JSON schema of what each command prints, by file name."""
    from tests.cli.json_objects import FILE, models_of, rows

    found = {}
    for _, _, cell in rows(FILE.read_text("utf-8")):
        for one in models_of(cell):
            found[f"reference/schemas/{one.__name__}.json"] = json.dumps(
                one.model_json_schema(), indent=1
            )
    names = sorted(Path(name).stem for name in found)
    listed = "\n".join(f"- [{name}](schemas/{name}.json)" for name in names)
    found["reference/schemas.md"] = (
        "# Schemas\n\nMade from the models in the code; [which command prints which](../json.md)."
        f"\n\n{listed}\n"
    )
    return found


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
