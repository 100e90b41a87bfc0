"""Where code asks which modality it has to do with."""

from __future__ import annotations

import ast

NAMES = {"image", "text"}
CLASSES = {
    "ImageModality",
    "TextModality",
    "ImageKind",
    "TextKind",
    "ImageSimilarity",
    "TextSimilarity",
    "PictureLooks",
    "TextLooks",
}
"""Classes of one modality, under their present and their former names."""


def switches(tree: ast.Module) -> set[int]:
    """Lines that compare with a modality's name, choose by it, or ask for its class."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            inner = [e for s in sides for e in getattr(s, "elts", [s])]
            if any(isinstance(one, ast.Constant) and one.value in NAMES for one in inner):
                found.add(node.lineno)
        elif isinstance(node, ast.Dict):
            keys = {k.value for k in node.keys if isinstance(k, ast.Constant)}
            if keys >= NAMES:
                found.add(node.lineno)
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "isinstance":
            asked = {n.id for n in ast.walk(node.args[1]) if isinstance(n, ast.Name)}
            if asked & CLASSES:
                found.add(node.lineno)
    return found
