"""What servers of graphs read beside the model, and how they are started."""

from __future__ import annotations

import json
from typing import Any, Final

MODEL_FILE: Final = "models/topwork/1/model.xml"
"""The name is ours, never the user's: it stands in configurations and addresses."""

_BATCH: Final = 32
_WAITING: Final = 64
_DELAY: Final = 3000

OVMS_NOTE: Final = """
## OpenVINO Model Server
`models` is its model repository:

```
docker run --rm --read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges \\
  -p 127.0.0.1:8000:8000 -v ./models:/models:ro openvino/model_server:latest \\
  --config_path /models/config.json --rest_port 8000
```

It takes what `preprocess.py` prepares, by the KServe protocol, as `POST /v2/models/topwork/infer`.
Don't let it decode images itself: its resizing and its order of colours are others. It asks nobody
for a password, so keep it on this machine or behind what does.
"""

TRITON_NOTE: Final = """
## Triton Inference Server
`models` is its model repository, for the OpenVINO backend:

```
docker run --rm --cap-drop ALL --security-opt no-new-privileges -p 127.0.0.1:8000:8000 \\
  -v ./models:/models:ro nvcr.io/nvidia/tritonserver:YY.MM-py3 \\
  tritonserver --model-repository=/models
```

It takes what `preprocess.py` prepares, by the KServe protocol, as `POST /v2/models/topwork/infer`,
puts up to 32 inputs into a batch, and refuses more than 64 waiting requests. It asks nobody for a
password, so keep it on this machine or behind what does.
"""


def ovms_files(graph: Any) -> dict[str, str]:  # noqa: ARG001
    """The configuration of OpenVINO Model Server."""
    model = {"name": "topwork", "base_path": "/models/topwork"}
    told = {"model_config_list": [{"config": model}]}
    return {"models/config.json": json.dumps(told, indent=1)}


def triton_files(graph: Any) -> dict[str, str]:
    """The configuration of Triton for its OpenVINO backend, which wants every name and shape."""
    lines = [
        'name: "topwork"',
        'backend: "openvino"',
        f"max_batch_size: {_BATCH}",
        *_ports("input", graph.inputs),
        *_ports("output", graph.outputs),
        "dynamic_batching {",
        f"  max_queue_delay_microseconds: {_DELAY}",
        f"  default_queue_policy {{ max_queue_size: {_WAITING} }}",
        "}",
        # as topwork computes; some processors would take bfloat16 by themselves
        'parameters { key: "INFERENCE_PRECISION_HINT" value { string_value: "f32" } }',
    ]
    return {"models/topwork/config.pbtxt": "\n".join(lines) + "\n"}


def _ports(kind: str, ports: Any) -> list[str]:
    """Every input or output, without the batch, which Triton adds itself."""
    types = {"u8": "TYPE_UINT8", "i32": "TYPE_INT32", "f32": "TYPE_FP32"}
    found = []
    for port in ports:
        sides = list(port.get_partial_shape())[1:]
        dims = ", ".join(str(s.get_length() if s.is_static else -1) for s in sides)
        type_ = types[port.get_element_type().get_type_name()]
        name = json.dumps(port.get_any_name())
        found += [f"{kind} {{", f"  name: {name}", f"  data_type: {type_}"]
        found += [f"  dims: [ {dims} ]", "}"]
    return found
