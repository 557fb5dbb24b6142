"""A fleet's history with Argo CD: the tests of cluster.history, in their order."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cluster.history import *  # noqa: F403
from cluster.history import Fleet, rolled_out


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    yield from rolled_out("argo", tmp_path_factory.mktemp("argo"))
