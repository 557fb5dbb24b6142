"""Write what a config.pbtxt may say: NVIDIA's message ModelConfig, and since which server each part of it is there.

    python tools/model_message.py generator/tritonfleet/models/message.json

The wheels of `tritonclient` carry the message as a serialized descriptor. The newest one's is written as JSON, and
what an older wheel lacks gets the version of the first server whose wheel has it. A new version is added to VERSIONS.
"""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

from google.protobuf import descriptor_pb2, json_format

# The server's versions by their images: those between which the message changed, and the newest.
VERSIONS = {
    "23.02": "2.31.0",
    "23.03": "2.32.0",
    "23.04": "2.33.0",
    "23.05": "2.34.0",
    "23.06": "2.35.0",
    "23.07": "2.36.0",
    "23.08": "2.37.0.9383150",
    "23.09": "2.38.0",
    "23.10": "2.39.0",
    "23.11": "2.40.0",
    "23.12": "2.41.0",
    "24.01": "2.42.0",
    "24.07": "2.48.0",
    "24.08": "2.49.0",
    "24.09": "2.50.0",
    "24.10": "2.51.0",
    "24.11": "2.52.0",
    "24.12": "2.53.0",
    "25.10": "2.62.0",
    "25.11": "2.63.0",
    "25.12": "2.64.0",
    "26.09": "2.73.0",
}
MODULE = "tritonclient/grpc/model_config_pb2.py"


def main(target: Path) -> None:
    since: dict[str, str] = {}
    descriptor = descriptor_pb2.FileDescriptorProto()
    for release, version in VERSIONS.items():
        descriptor = descriptor_of(version)
        for name in parts(descriptor):
            since.setdefault(name, release)
    oldest = next(iter(VERSIONS))
    later = {name: release for name, release in since.items() if release != oldest}
    written = {
        "newest": list(VERSIONS)[-1],
        "since": dict(sorted(later.items())),
        "file": json_format.MessageToDict(descriptor),
    }
    target.write_text(json.dumps(written, separators=(",", ":")) + "\n")


def descriptor_of(version: str) -> descriptor_pb2.FileDescriptorProto:
    """The message as the wheel of one version of tritonclient has it."""
    with tempfile.TemporaryDirectory() as directory:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        wheel = f"tritonclient=={version}"
        subprocess.run(
            [*pip, "--only-binary=:all:", "--dest", directory, wheel], check=True
        )
        (file,) = Path(directory).glob("*.whl")
        with zipfile.ZipFile(file) as archive:
            (name,) = [each for each in archive.namelist() if each.endswith(MODULE)]
            source = archive.read(name)
    return descriptor_pb2.FileDescriptorProto.FromString(serialized(source))


def serialized(source: bytes) -> bytes:
    """The longest bytes of a generated module are the serialized descriptor."""
    nodes = ast.walk(ast.parse(source))
    constants = (node.value for node in nodes if isinstance(node, ast.Constant))
    return max((each for each in constants if isinstance(each, bytes)), key=len)


def parts(file: descriptor_pb2.FileDescriptorProto) -> Iterator[str]:
    """Each field and each word of an enumeration, by its full name."""
    prefix = f".{file.package}"
    for message in file.message_type:
        yield from parts_of_message(message, prefix)
    for enum in file.enum_type:
        yield from (f"{prefix}.{enum.name}.{value.name}" for value in enum.value)


def parts_of_message(
    message: descriptor_pb2.DescriptorProto, prefix: str
) -> Iterator[str]:
    name = f"{prefix}.{message.name}"
    yield from (f"{name}.{field.name}" for field in message.field)
    for enum in message.enum_type:
        yield from (f"{name}.{enum.name}.{value.name}" for value in enum.value)
    for nested in message.nested_type:
        yield from parts_of_message(nested, name)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
