"""A private CA, a server's certificate and a client's, made by openssl for one test."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

KEY = (
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:prime256v1",
    "-nodes",
    "-days",
    "2",
)
EXTENSIONS: Mapping[str, tuple[str, ...]] = {
    "ca": ("basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign"),
    "server": ("basicConstraints=CA:FALSE",),
    "client": ("basicConstraints=CA:FALSE",),
}


@dataclass(frozen=True)
class Certificates:
    """Files NAME.crt and NAME.key of ca, server and client."""

    directory: Path

    def path(self, name: str) -> Path:
        return self.directory / name

    def secret(self) -> dict[str, str]:
        """As cert-manager writes one: the server's pair, and the CA that it trusts in clients."""
        files = {"tls.crt": "server.crt", "tls.key": "server.key", "ca.crt": "ca.crt"}
        return {key: self.path(name).read_text() for key, name in files.items()}


def make(directory: Path, server: str = "IP:127.0.0.1") -> Certificates:
    """Three pairs of files in a new directory; `server` are the names of the server, as openssl writes them."""
    directory.mkdir()
    for name, extensions in EXTENSIONS.items():
        issuer = (
            []
            if name == "ca"
            else ["-CA", str(directory / "ca.crt"), "-CAkey", str(directory / "ca.key")]
        )
        files = [
            "-keyout",
            str(directory / f"{name}.key"),
            "-out",
            str(directory / f"{name}.crt"),
        ]
        if name == "server":
            extensions = (*extensions, f"subjectAltName={server}")
        added = [word for extension in extensions for word in ("-addext", extension)]
        command = [
            "openssl",
            "req",
            "-x509",
            *KEY,
            *issuer,
            *files,
            "-subj",
            f"/CN={name}",
            *added,
        ]
        subprocess.run(command, check=True, capture_output=True)
    return Certificates(directory)
