# What vLLM does not read is left out.
import sys

sys.path.pop(
    0
)  # the directory of the weights, into which others write: no code comes from there

from huggingface_hub import snapshot_download

directory, name, revision = sys.argv[1:]
left_out = ["original/*", "*.onnx", "*.h5", "*.msgpack"]
snapshot_download(
    name, revision=revision or None, local_dir=directory, ignore_patterns=left_out
)
