"""Descriptions of data sets in YAML."""

from __future__ import annotations

import pytest
import yaml

from topwork.data.boxes.plain_yaml import parse_yaml

SAME = {
    "a list in brackets": "names: ['a b', \"c\", d]\nnc: 3",
    "a list over lines": "names: ['a',\n        'b',\n        'c']\nnc: 3",
    "lines": "names:\n- a\n- 'b: c'\n- \"d # e\"\n",
    "indented lines": "names:\n  - a\n  - b\n\n  - c\ntrain: x/y",
    "a mapping": "names:\n  0: a\n  1: b b\n  2: 'c'\n",
    "a mapping in brackets": "names: {0: a, 1: 'b, c', 2: d}\nval: z",
    "comments": "# first\nnames: [a, b]  # names\n# last\npath: ../data # where\n",
    "quotation marks inside": "names: ['it''s', \"say \\\"a\\\"\"]\n",
    "paths": "path: ../datasets/coco8\ntrain: images/train\nval: images/val\ntest:\nnames: [a]\n",
    "Windows' line ends": "names:\r\n  0: a\r\n  1: b\r\nnc: 2\r\n",
    "two documents' marks": "---\nnames: [a]\n...\n",
    "deeper things": "names: [a]\nroboflow:\n  workspace: x\n  version: 3\n",
}


@pytest.mark.parametrize("name", SAME)
def test_it_reads_what_a_whole_parser_reads(name):
    whole = next(iter(yaml.safe_load_all(SAME[name])))

    def texts(value):
        if isinstance(value, dict):
            return {str(key): texts(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [str(one) for one in value]
        return "" if value is None else str(value)

    assert parse_yaml(SAME[name]) == texts(whole)


@pytest.mark.parametrize(
    "text",
    [
        "names: !!python/object/apply:os.system ['true']",
        "a: &a [x]\nb: *a",
        "names: [",
        "names: ['a",
        "{",
        ":\n:",
        "\0",
        "names:\n\t- a",
        "- a",
    ],
)
def test_anything_else_does_no_harm(text):
    assert isinstance(parse_yaml(text), dict)
