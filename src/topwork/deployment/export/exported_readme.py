"""The README that goes with an exported model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from topwork.deployment.export.exported_graph import ExportedGraph
from topwork.deployment.export.parity import Parity
from topwork.deployment.export.target import Target
from topwork.model.sealed_model import NetworkModel

_USE: Final = """# A topwork model in {title}

```python
import json

{reading}
from preprocess import prepared
from runtime import opened

told = json.load(open("preprocess.json"))
run = opened("{file}")
outputs = run({inputs})
```

| output | meaning |
|---|---|
{outputs}

`preprocess.json` says what the input is and what else there is to know, such as the labels.
Values are scaled inside the model.

## The proof
In {runtime} {version} the model gave what it gives in topwork on {n} inputs: the largest
difference is {difference:.1e} of the range of an output ({tolerance:g} is allowed), and something
else was predicted for {flipped} of them.

- `python verify.py` (needs {runtime} and numpy) runs `vectors.safetensors` and compares;
  the files must be those in `parity.json`.
- `python preprocess.py` prepares the examples in `golden.npz` and compares.
{notes}{server}"""


def readme(
    model: NetworkModel,
    exported: ExportedGraph,
    target: Target,
    parity: Parity,
    *,
    notes: Sequence[str],
) -> str:
    """How the exported model is used and checked."""
    tokenized = model.card.input.tokenized
    given = (
        'prepared(["A text"], told, Path("."))'
        if tokenized
        else ('np.stack([prepared(Image.open("image.jpg"), told)])')
    )
    reading = (
        "from pathlib import Path\n" if tokenized else ("import numpy as np\nfrom PIL import Image")
    )
    said = "".join(f"\n{note}\n" for note in (*notes, *_of_jpeg(model)))
    return _USE.format(
        title=target.title,
        reading=reading,
        file=target.file,
        inputs=given,
        outputs="\n".join(f"| `{n}` | {text} |" for n, text in exported.meaning["outputs"].items()),
        runtime=target.runtime,
        version=target.version,
        n=parity.n,
        difference=parity.worst(target.tolerance)[1],
        flipped=parity.labels_flipped,
        notes=said,
        server=target.note,
        tolerance=target.tolerance,
    )


def _of_jpeg(model: NetworkModel) -> list[str]:
    if model.card.input.tokenized:
        return []
    return [
        "topwork decodes large JPEG files at a reduced size, which changes some pixels by a few "
        "grey levels; PNG files are prepared exactly alike."
    ]
