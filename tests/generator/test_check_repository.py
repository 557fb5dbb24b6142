"""tritonfleet check-repository: a directory of models, or a model of the fleet."""

# ruff: noqa: E501 -- a line of the output is a line here

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from tests.benchmarks.synthetic import repository
from tests.generator.fleets import Build
from tests.generator.test_cli import run
from tritonfleet.models import grammar

Capture = pytest.CaptureFixture[str]
CODE = "class TritonPythonModel: ..."
GOOD = {"echo/config.pbtxt": 'backend: "python"\n', "echo/1/model.py": CODE}


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def lay(files: dict[str, str]) -> None:
    for path, text in files.items():
        file = Path("models") / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


def test_a_good_directory_prints_nothing_but_talk(capsys: Capture) -> None:
    lay(GOOD)
    assert run(capsys, "check-repository", "./models") == (
        0,
        "",
        "models: 1 model: no errors\n",
    )


def test_problems_have_their_places(capsys: Capture) -> None:
    lay({"echo/config.pbtxt": "\n  max_batchsize: 1\n", "echo/1/model.py": CODE})
    assert run(capsys, "check-repository", "models/", "-q") == (
        2,
        "models/echo/config.pbtxt:2:3: TF201 `max_batchsize` is not a field of ModelConfig (did you mean `max_batch_size`?)\n",
        "",
    )


def test_a_directory_may_be_one_model(capsys: Capture) -> None:
    lay({"echo/config.pbtxt": 'name: "other"', "echo/1/model.py": CODE})
    assert run(capsys, "check-repository", "models/echo", "-q") == (
        2,
        "models/echo/config.pbtxt:1:1: TF204 the configuration calls the model other, its directory echo (remove `name`, or make them the same)\n",
        "",
    )


def test_an_old_server_and_one_that_completes_nothing(capsys: Capture) -> None:
    lay({"echo/1/model.py": CODE})
    assert run(capsys, "check-repository", "./models", "-q")[0] == 0
    code, out, _ = run(capsys, "check-repository", "./models", "--no-auto-complete")
    assert (code, out[:22]) == (2, "models/echo:1:1: TF200")


def test_a_model_of_the_fleet(build: Build, capsys: Capture) -> None:
    files = "{config.pbtxt: 'backend: \"python\"', 1/model.py: 'class TritonPythonModel: ...'}"
    build(
        models="models:\n"
        "  - {name: one, repository: {image: {path: /models}}}\n"
        "  - name: far\n    modelVersion: '7'\n"
        "    repository: {s3: {uri: 's3://models/{modelVersion}', endpoint: 'https://minio.acme:443'}}\n"
        f"  - {{name: echo, repository: {{configMap: {{models: {{echo: {files}}}}}}}}}\n"
    )
    assert run(capsys, "check-repository", "echo") == (
        0,
        "",
        "echo: 1 release: no errors\n",
    )
    assert run(capsys, "check-repository", "one") == (
        0,
        "",
        "one: 1 release; what is in a repository of kind image cannot be read here: no errors\n",
    )
    assert run(capsys, "check-repository", "far") == (
        0,
        "",
        "far: 1 release; what is in a repository of kind s3 cannot be read here, but by `tritonfleet check-repository s3://https://minio.acme:443/models/7`: no errors\n",
    )
    code, _, talk = run(capsys, "check-repository", "eco")
    assert (code, "there is no model `eco` (did you mean `echo`?)" in talk) == (2, True)


def test_a_directory_that_is_not_there_is_told_first(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grammar, "is_installed", lambda: False)
    code, out, talk = run(capsys, "check-repository", "./modles")
    assert (code, out) == (2, "")
    assert talk.endswith("Error: there is no directory modles\n")


def test_without_protobuf_it_says_which_extra_is_missing(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay({"one/1/model.py": CODE})
    monkeypatch.setattr(grammar, "is_installed", lambda: False)
    code, out, talk = run(capsys, "check-repository", "./models")
    assert (code, out) == (3, "")
    assert 'pip install "tritonfleet[models]"' in talk


def test_hostile_directories_end_in_a_problem_at_once(capsys: Capture) -> None:
    lay({"deep/config.pbtxt": "input { " * 100_000, "deep/1/model.py": CODE})
    lay({"linked/1/model.py": CODE, "pipe/1/model.py": CODE, "large/1/model.py": CODE})
    Path("secret").write_text("password: 1")
    Path("models/linked/config.pbtxt").symlink_to(Path("secret").absolute())
    os.mkfifo("models/pipe/config.pbtxt")
    with Path("models/large/config.pbtxt").open("wb") as file:
        file.truncate(2**34)
    lay({"digits/config.pbtxt": "max_batch_size: " + "1" * 900_000})
    Path("models/circle").symlink_to("circle")
    began = time.process_time()
    code, out, _ = run(capsys, "check-repository", "./models")
    assert time.process_time() - began < 1
    assert code == 2
    assert [line.split(": ", 2)[:2] for line in out.splitlines()] == [
        ["models/deep/config.pbtxt:1:393", "TF200 messages are more than 50 deep"],
        ["models/digits/config.pbtxt:1:17", "TF200 Couldn't parse integer"],
        ["models/large/config.pbtxt:1:1", "TF014 it is no file of at most 2000000 bytes, so it was not read"],
        ["models/linked/config.pbtxt:1:1", "TF014 warning"],
        ["models/pipe/config.pbtxt:1:1", "TF014 it is no file of at most 2000000 bytes, so it was not read"],
    ]  # fmt: skip
    assert "password" not in out


def test_a_thousand_models_take_a_few_seconds(capsys: Capture) -> None:
    repository(Path("models"), 1000)
    began = time.process_time()
    code, out, _ = run(capsys, "check-repository", "./models")
    assert time.process_time() - began < 5
    assert (code, out) == (0, "")


def test_changed_files_stand_for_their_repositories(capsys: Capture) -> None:
    """As pre-commit gives them; each repository is looked at once."""
    lay({**GOOD, "other/config.pbtxt": 'name: "two"', "other/1/model.py": CODE})
    files = ("models/echo/config.pbtxt", "models/other/config.pbtxt")
    said = "models/other/config.pbtxt:1:1: TF204 the configuration calls the model two, its directory other (remove `name`, or make them the same)\n"
    assert run(capsys, "check-repository", *files) == (
        2,
        said,
        "models: 2 models: 1 error\n",
    )


def test_directories_and_models_are_not_mixed(capsys: Capture) -> None:
    lay(GOOD)
    code, out, err = run(capsys, "check-repository", "./models", "echo")
    assert (code, out) == (2, "")
    assert err.endswith("give directories and files, or models of the fleet\n")


def test_only_what_triton_cannot_do_without_is_written(capsys: Capture) -> None:
    engine = '{"model": "/weights/qwen"}'
    completes = "class TritonPythonModel:\n    def auto_complete_config(config): ...\n"
    lay({"qwen/1/model.json": engine, "net/1/model.onnx": "", "torch/1/model.pt": ""})
    lay({"code/1/model.py": CODE, "own/1/model.py": completes, "what/1/weights": ""})
    lay({"sum.fil/1/checkpoint.tl": "", "told/1/model.json": engine})
    lay({"told/config.pbtxt": 'backend: "vllm" # as it was'})
    code, out, talk = run(capsys, "check-repository", "./models", "--write-missing")
    assert sorted(talk.splitlines()) == [
        "models: 8 models: 1 error",
        "models: code/config.pbtxt is not written: Triton completes `backend: python`: write its inputs and outputs",
        "models: net/config.pbtxt is not written: backend onnxruntime completes inputs, outputs and max_batch_size",
        "models: own/config.pbtxt is not written: its code completes the rest in `auto_complete_config`",
        "models: sum.fil/config.pbtxt is not written: Triton takes backend fil from its name, and the rest is the backend's",
        "models: torch/config.pbtxt is not written: Triton completes `backend: pytorch`: write its inputs and outputs",
        "models: what/config.pbtxt is not written: Triton cannot tell its backend: write `backend`",
        "models: wrote qwen/config.pbtxt: Triton cannot tell that it is vLLM's",
    ]
    assert Path("models/qwen/config.pbtxt").read_text() == (
        'backend: "vllm"\ninstance_group [{count: 1, kind: KIND_MODEL}]\n'
    )
    assert Path("models/told/config.pbtxt").read_text().endswith("as it was")
    written = sorted(str(path) for path in Path("models").rglob("config.pbtxt"))
    assert written == ["models/qwen/config.pbtxt", "models/told/config.pbtxt"]
    assert (code, "models/qwen" in out) == (2, False)

    # A second run has nothing to write.
    _, _, talk = run(capsys, "check-repository", "./models", "--write-missing")
    assert "wrote" not in talk


@pytest.mark.parametrize(
    "arguments",
    [("echo",), ("./models", "--no-auto-complete")],
    ids=["a model of the fleet", "a server that completes nothing"],
)
def test_missing_files_are_written_for_directories_whose_server_completes(
    arguments: tuple[str, ...], capsys: Capture
) -> None:
    lay(GOOD)
    code, out, talk = run(capsys, "check-repository", *arguments, "--write-missing")
    assert (code, out) == (2, "")
    assert "Error: --write-missing" in talk


def tensor(kind: str, name: str, dims: str = "3, 224, 224") -> str:
    return f'{kind} {{ name: "{name}" data_type: TYPE_FP32 dims: [{dims}] }}\n'


def step(model: str, takes: str, gives: str) -> str:
    maps = f'input_map {{ key: "X" value: "{takes}" }} output_map {{ key: "Y" value: "{gives}" }}'
    return f'step {{ model_name: "{model}" model_version: -1 {maps} }}\n'


def lay_pipeline() -> None:
    """Two Python models, one behind the other."""
    config = 'backend: "python"\n' + tensor("input", "X") + tensor("output", "Y")
    steps = step("resize", "IMAGE", "small <b>") + step(
        "classify", "small <b>", "CLASS"
    )
    lay({
        "resize/config.pbtxt": config,
        "resize/1/model.py": CODE,
        "classify/config.pbtxt": config,
        "classify/1/model.py": CODE,
        "vision/1/empty": "",
        "vision/config.pbtxt": 'platform: "ensemble"\n' + tensor("input", "IMAGE") + tensor("output", "CLASS")
        + f"ensemble_scheduling {{ {steps} }}",
    })  # fmt: skip


def test_ensembles_are_drawn_for_mermaid(capsys: Capture) -> None:
    lay_pipeline()
    assert run(capsys, "check-repository", "./models", "-o", "mermaid") == (
        0,
        """\
flowchart LR
  subgraph p0["vision"]
    p0i0(["IMAGE · FP32 [3, 224, 224]"])
    p0s0["resize · python"]
    p0s1["classify · python"]
    p0o0(["CLASS · FP32 [3, 224, 224]"])
    p0i0 --> p0s0
    p0s0 -- "small #60;b#62; · FP32 [3, 224, 224]" --> p0s1
    p0s1 --> p0o0
  end
""",
        "models: 3 models: no errors\n",
    )


def test_ensembles_are_drawn_for_graphviz(capsys: Capture) -> None:
    lay_pipeline()
    lay({"classify/config.pbtxt": 'backend: "python"\nmax_batchsize: 1'})
    assert run(capsys, "check-repository", "./models", "-o", "dot", "-q") == (
        2,
        """\
digraph ensembles {
  rankdir=LR;
  node [shape=box];
  subgraph cluster_0 {
    label="vision";
    p0i0 [label="IMAGE · FP32 [3, 224, 224]" shape=oval];
    p0s0 [label="resize · python"];
    p0s1 [label="classify · python"];
    p0o0 [label="CLASS · FP32 [3, 224, 224]" shape=oval];
    p0i0 -> p0s0;
    p0s0 -> p0s1 [label="small <b> · FP32 [3, 224, 224]"];
    p0s1 -> p0o0;
  }
}
""",
        "models/classify/config.pbtxt:2:1: TF201 `max_batchsize` is not a field of ModelConfig (did you mean `max_batch_size`?)\n",
    )


def test_nothing_is_drawn_where_there_is_no_ensemble(capsys: Capture) -> None:
    lay(GOOD)
    _, out, _ = run(capsys, "check-repository", "./models", "-o", "mermaid")
    assert out == "flowchart LR\n"
