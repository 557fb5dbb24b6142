"""The chart's table of flags, against the worker's own parser."""

from __future__ import annotations

import json
import re
import subprocess

from tests.dynamo import pods
from tests.triton.harness import chart

# What the worker has under the same name and with other words, so that the chart writes none of them.
OTHERWISE = {"id", "metrics-config", "rate-limit", "strict-model-config"}
OF_VALUES = {"allow-metrics", "exit-on-error"}


def test_the_charts_table_is_a_part_of_the_workers_flags() -> None:
    done = subprocess.run(
        [pods.DYNAMO / "bin" / "python3", "-m", "dynamo.triton", "--help"],
        env={"PYTHONPATH": str(pods.STAND_IN)},
        capture_output=True,
        text=True,
        check=True,
    )
    has = set(re.findall(r"--([a-z-]+)", done.stdout))
    table = json.loads((chart.CHART / "files" / "flags-dynamo.json").read_text())[
        "flags"
    ]
    of_triton = json.loads((chart.CHART / "files" / "flags.json").read_text())["flags"]
    assert set(table) <= has
    assert (has & set(of_triton)) - set(table) == OTHERWISE | OF_VALUES
