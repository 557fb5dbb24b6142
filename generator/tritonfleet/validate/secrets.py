"""What looks like a secret: what services issue, private keys, passwords in a URL, and what is named like one."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator

_SHAPES = re.compile(
    r"AKIA[0-9A-Z]{16}|ASIA[0-9A-Z]{16}|-----BEGIN [A-Z ]*PRIVATE KEY|\bhf_[A-Za-z0-9]{20,}|\bnvapi-[A-Za-z0-9_-]{20,}"
    r"|\bgh[pousr]_[A-Za-z0-9]{30,}|\bgithub_pat_[A-Za-z0-9_]{22,}|\bglpat-[A-Za-z0-9_-]{20,}|\bsk-[A-Za-z0-9_-]{20,}"
    r"|\bxox[abpr]-[A-Za-z0-9-]{10,}|\bAIza[0-9A-Za-z_-]{35}|AccountKey=[A-Za-z0-9+/=]{20,}"
    r"|\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}"
    r"|hooks\.slack\.com/services/T[A-Za-z0-9]+/B[A-Za-z0-9]+/[A-Za-z0-9]{16,}|\bnpm_[A-Za-z0-9]{36}"
)
# What each of them contains: looking for these first is a hundred times faster.
_MARKS = (
    "AKIA", "ASIA", "-----BEGIN", "hf_", "nvapi-", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-",
    "sk-", "xox", "AIza", "AccountKey=", "eyJ", "hooks.slack.com", "npm_",
)  # fmt: skip
# How those begin that somebody put into base64, as the data of a Secret are.
_ENCODED = re.compile(
    r"\b(?:QUtJQ|QVNJQ|LS0tLS1CRUdJTi|aGZf|bnZhcGkt|Z2h[vpsuy]|Z2l0aHViX3BhdF|Z2xwYXQt|c2st|eG94|ZXlK)[A-Za-z0-9+/]{16,}={0,2}"
)
# A password in a URL; one that only refers to a variable, $(NAME) or ${NAME}, is none.
_PASSWORD = re.compile(r"""://[^/\s@"':]*:[^/\s@"'${<]+@""")

# Names of variables that hold secrets. What people call a token is often a word of a language model.
_NAME = re.compile(
    r"(?:[A-Z0-9_]*_)?(?:PASSWORD|PASSWD|PASSPHRASE|SECRET|CREDENTIALS?"
    r"|(?:ACCESS|API|AUTH|ENCRYPTION|LICENSE|PRIVATE|SECRET|SIGNING)_?KEY)\Z"
    r"|(?:password|passwd|passphrase|api_?key|apiKey|secret_?access_?key|secretAccessKey|access_?token|accessToken"
    r"|client_?secret|clientSecret|private_?key|privateKey)\Z"
)
_TOKEN_OR_KEY = re.compile(r"(?:[A-Z0-9_]*_)?(?:TOKEN|KEY)\Z|token\Z")
_NAME_MARKS = re.compile(
    r"PASS|SECRET|CREDENTIAL|KEY|TOKEN|[pP]ass(?:w|phrase)|[kK]ey|[tT]oken|[sS]ecret"
)
# Text that names a place, or refers to another variable, and so is no secret itself.
_REFERENCE = re.compile(r"\$[({]|/|file:|\Z")
_ISSUED = re.compile(r"(?=.*[0-9])(?=.*[A-Za-z])[A-Za-z0-9._~+/=-]{12,}\Z")


def has_secret(text: str) -> bool:
    """Whether a text holds what looks like a secret."""
    if next(issued_secrets(text), ""):
        return True
    return _PASSWORD.search(text) is not None or _has_encoded(text)


def issued_secrets(text: str) -> Iterator[str]:
    """The parts of a text that look like keys and tokens which services issue."""
    if any(mark in text for mark in _MARKS):
        for match in _SHAPES.finditer(text):
            yield match[0]


def _has_encoded(text: str) -> bool:
    """Whether a part of a text is such a key in base64."""
    for match in _ENCODED.finditer(text):
        decoded = _decoded(match[0])
        if next(issued_secrets(decoded), ""):
            return True
    return False


def _decoded(encoded: str) -> str:
    """What base64 says, whether its padding was cut off or not; "" for what is none."""
    encoded = encoded.rstrip("=")
    padding = "=" * (-len(encoded) % 4)
    try:
        data = base64.b64decode(encoded + padding)
    except binascii.Error:
        return ""
    return data.decode("latin-1")  # which has a character for every byte


def may_name_secrets(text: str) -> bool:
    """Whether any name in a text could be that of a secret: most texts have none."""
    return _NAME_MARKS.search(text) is not None


def is_secret_by_name(name: str, text: str) -> bool:
    """Whether a variable of this name holds a secret, and neither nothing nor a reference."""
    if _REFERENCE.match(text):
        return False
    if _NAME.match(name):
        return True
    # STOP_TOKEN and SORT_KEY hold words; what a service issues has digits, too.
    return _TOKEN_OR_KEY.match(name) is not None and _ISSUED.match(text) is not None


def without_secrets(text: str) -> str:
    """A text for a message, with … in the place of secrets."""
    if not has_secret(text):
        return text
    text = _SHAPES.sub("…", text)
    text = _PASSWORD.sub("://…@", text)
    return _ENCODED.sub("…", text)
