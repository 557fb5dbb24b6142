"""Renovate itself is asked where RENOVATE names its program: `make test-renovate` does."""

from __future__ import annotations

import os

collect_ignore = [] if "RENOVATE" in os.environ else ["test_renovate.py"]
