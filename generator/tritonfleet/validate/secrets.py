"""Text that looks like a secret: keys and tokens that services issue, private keys, passwords in a URL."""

from __future__ import annotations

import re

_SECRET = re.compile(
    r"AKIA[0-9A-Z]{16}|ASIA[0-9A-Z]{16}|-----BEGIN [A-Z ]*PRIVATE KEY|\bhf_[A-Za-z0-9]{20,}|\bnvapi-[A-Za-z0-9_-]{20,}"
    r"|\bgh[pousr]_[A-Za-z0-9]{30,}|\bglpat-[A-Za-z0-9_-]{20,}|\bsk-[A-Za-z0-9_-]{20,}|\bxox[abpr]-[A-Za-z0-9-]{10,}"
    r"|\bAIza[0-9A-Za-z_-]{35}|AccountKey=[A-Za-z0-9+/=]{20,}"
)
# What each of them contains: looking for these first is a hundred times faster.
_MARKS = (
    "AKIA", "ASIA", "-----BEGIN", "hf_", "nvapi-", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "glpat-", "sk-", "xox",
    "AIza", "AccountKey=",
)  # fmt: skip
# A password in a URL; one that only refers to a variable, $(NAME) or ${NAME}, is none.
_PASSWORD = re.compile(r"""://[^/\s@"':]*:[^/\s@"'${<]+@""")


def has_secret(text: str) -> bool:
    """Whether a text holds what looks like a secret."""
    if any(mark in text for mark in _MARKS) and _SECRET.search(text):
        return True
    return _PASSWORD.search(text) is not None
