"""A fleet's history with Argo CD: the tests of history, in their order."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cluster.history import *  # noqa: F403
from tests.cluster.history import Fleet, rolled_out


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    yield from rolled_out("argo", tmp_path_factory.mktemp("argo"))
