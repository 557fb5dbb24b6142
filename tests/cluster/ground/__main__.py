"""The proving ground's commands: python -m tests.cluster.ground up | down | status | run COMMAND…

CLUSTER says which cluster: unset, one of its own; kind, one that kind makes; or the kubeconfig file of one that exists.
"""

from __future__ import annotations

import os
import subprocess
import sys

from tests.cluster.ground.clusters import chosen
from tests.cluster.ground.sandbox import TOOLS, Failed


def main(command: str = "", *rest: str) -> int:
    cluster = chosen()
    if command == "up":
        cluster.up()
        print(f"KUBECONFIG={cluster.kubeconfig}")
    elif command == "down":
        cluster.down()
    elif command == "status":
        print(f"up: KUBECONFIG={cluster.kubeconfig}" if cluster.is_up() else "down")
        return 0 if cluster.is_up() else 1
    elif command == "run" and rest:
        if not cluster.is_up():
            raise Failed("no cluster is up: make cluster")
        # Not KUBECONFIG: tests that change a cluster must never meet one that somebody happens to work with.
        found = {
            "CLUSTER_KUBECONFIG": str(cluster.kubeconfig),
            "PATH": f"{TOOLS / 'bin'}:{os.environ['PATH']}",
        }
        return subprocess.run(
            cluster.enter(rest), env={**os.environ, **found}, check=False
        ).returncode
    else:
        print(__doc__, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(*sys.argv[1:]))
    except Failed as failed:
        sys.exit(str(failed))
