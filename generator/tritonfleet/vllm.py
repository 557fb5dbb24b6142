"""What the chart writes for models of vLLM: config.pbtxt, and model.json for its engine."""

from __future__ import annotations

import json
from collections.abc import Mapping

from tritonfleet.values import Values

CONFIG = 'backend: "vllm"\ninstance_group [{count: 1, kind: KIND_MODEL}]\n'


def files_of(engine: Values) -> Mapping[str, str]:
    """The files of one model by path; `engine` is what its engine is told."""
    told = json.dumps(engine, ensure_ascii=False, indent=2, sort_keys=True)
    return {"config.pbtxt": CONFIG, "1/model.json": f"{told}\n"}
