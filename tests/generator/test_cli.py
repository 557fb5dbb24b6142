"""The command line: exit codes, what goes where, formats, and never a traceback."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.generator.fleets import FLEET, MODELS, Build
from tritonfleet import __version__
from tritonfleet.__main__ import main
from tritonfleet.commands import talk

Values = dict[str, object]
Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(capsys: Capture, *arguments: str) -> tuple[int, str, str]:
    """Exit code, data and talk of a command."""
    code = main(arguments)
    told = capsys.readouterr()
    return code, told.out, told.err


def test_a_good_fleet_prints_nothing_but_talk(build: Build, capsys: Capture) -> None:
    build()
    assert run(capsys, "validate") == (
        0,
        "",
        "acme: 1 model, 1 environment, 1 release: no errors\n",
    )
    assert run(capsys, "validate", "--quiet") == (0, "", "")


def test_a_fleet_is_found_from_below(
    build: Build, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(build(models=MODELS + "    replcas: 1\n") / "values")
    assert run(capsys, "validate", "-q") == (
        2,
        "models/team.yaml:4:5: TF050 `replcas` is not a key of entry `one` (did you mean `replicas`?)\n",
        "",
    )


def test_a_fleet_is_no_stream(capsys: Capture) -> None:
    code, out, err = run(capsys, "validate", "-")
    assert (code, out) == (2, "")
    assert (
        "a fleet is a directory with values/ in it; it cannot be read from standard input"
        in err
    )


def test_progress_is_told_past_a_second_and_never_in_between(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    seconds = iter([0.0, 0.4, 1.2, 1.3])
    monkeypatch.setattr(time, "monotonic", lambda: next(seconds))
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    for release in talk.progress("abc", 3):
        print(release, file=sys.stderr)
    assert capsys.readouterr().err == "a\nb\nrendered 2 of 3\r\x1b[Kc\n"


@pytest.mark.skipif(
    not Path("/dev/full").exists(), reason="only Linux has a device that is always full"
)
def test_a_full_disk_is_told(build: Build) -> None:
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "tritonfleet", "list", str(build())]
        done = subprocess.run(
            command, stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert (done.returncode, done.stderr) == (3, "system: no space left on device\n")


def test_a_fleet_that_two_processes_read_has_the_same_problems(
    build: Build, capsys: Capture
) -> None:
    """41 lists and 2,050 releases; the last list has an error, and an entry that only a rule refuses."""
    root = build()
    for number in range(41):
        names = "".join(
            f"  - {{name: m-{number}-{each}, repository: {{image: {{path: /m}}}}}}\n"
            for each in range(50)
        )
        (root / "values" / "models" / f"list-{number:02}.yaml").write_text(
            f"models:\n{names}"
        )
    last = root / "values" / "models" / "list-40.yaml"
    wrong = "  - {name: wrong, replcas: 1}\n  - {name: odd, extraArgs: [--nope], repository: {image: {path: /m}}}\n"
    last.write_text(last.read_text() + wrong)
    code, out, _ = run(capsys, "validate", "-q")
    assert (
        code,
        [line.split(" (")[0] for line in out.splitlines() if "TF104" not in line],
    ) == (
        2,
        [
            "values/models/list-40.yaml:52:19: TF050 `replcas` is not a key of entry `wrong`",
            "values/models/list-40.yaml:53:29: TF130 tritonserver has no flag --nope",
        ],
    )


def test_outside_a_fleet_it_says_what_to_do(capsys: Capture) -> None:
    for command in ("validate", "generate", "list", "render"):
        code, out, err = run(capsys, command)
        assert (code, out) == (2, "")
        assert (
            "no values/fleet.yaml here or above; `tritonfleet init .` makes one" in err
        )
    assert (
        "no values/fleet.yaml in elsewhere; `tritonfleet init elsewhere` makes one"
        in run(capsys, "validate", "elsewhere")[2]
    )
    code, out, _ = run(capsys)
    assert code == 0
    names = [
        line.split()[0]
        for line in out.split("Commands:\n")[1].splitlines()
        if line.startswith("  ")
    ]
    assert names == [
        "init",
        "set",
        "add",
        "remove",
        "promote",
        "validate",
        "check-repository",
        "generate",
        "diff",
        "render",
        "explain",
        "rule",
        "list",
        "status",
        "smoke",
        "page",
        "dashboard",
        "images",
        "schema",
    ]


@pytest.mark.parametrize(
    ("word", "meant"), [("smok", "smoke"), ("promot", "promote"), ("stauts", "status")]
)
def test_a_command_that_is_written_wrong_is_guessed(
    capsys: Capture, word: str, meant: str
) -> None:
    code, _, err = run(capsys, word)
    said = f"there is no command `{word}` (did you mean `{meant}`?)"
    assert (code, said in err) == (2, True)


def test_problems_have_formats(build: Build, capsys: Capture) -> None:
    build(models=MODELS + "    replicas: 'a%b'\n")
    _, out, err = run(capsys, "validate", "-o", "json")
    assert json.loads(out) == {
        "version": 1,
        "truncated": False,
        "problems": [
            {
                "file": "values/models/team.yaml", "line": 4, "column": 15, "code": "TF051", "severity": "error",
                "message": 'replicas: "a%b" is text',
                "expected": "a whole number (Number of pods when autoscaling is off)",
                "hint": "", "model": "one",
            }
        ],
    }  # fmt: skip
    assert err == "1 error\n"
    assert run(capsys, "validate", "-o", "github", "-q")[1] == (
        "::error file=values/models/team.yaml,line=4,col=15,title=TF051::"
        'replicas: "a%25b" is text; expected: a whole number (Number of pods when autoscaling is off)\n'
    )


def test_warnings_pass_unless_strict(build: Build, capsys: Capture) -> None:
    build(fleet=FLEET.replace("acme.test", "example.com"))
    code, out, _ = run(capsys, "validate")
    assert (code, out.split(" ")[1:3]) == (0, ["TF143", "warning:"])
    assert run(capsys, "validate", "--strict")[0] == 1
    assert run(capsys, "generate", "--strict")[0] == 1


def test_generate_writes_checks_and_says_so(build: Build, capsys: Capture) -> None:
    build()
    assert run(capsys, "generate", "--check")[0] == 1
    assert run(capsys, "generate") == (0, "", "deploy: 4 created, 0 unchanged\n")
    assert run(capsys, "generate") == (0, "", "deploy: 4 files, nothing to change\n")
    assert run(capsys, "generate", "--check") == (
        0,
        "",
        "deploy: 4 files, nothing to change\n",
    )
    build(models=MODELS + "    replicas: 2\n")
    code, out, err = run(capsys, "generate", "--check")
    assert (code, err) == (1, "deploy: would be 1 changed, 3 unchanged\n")
    assert out.splitlines()[-1] == "+replicas: 2"


def test_a_long_diff_is_cut(build: Build, capsys: Capture) -> None:
    build(
        models="models:\n"
        + "".join(
            f"  - {{name: m{i}, repository: {{image: {{path: /m}}}}}}\n"
            for i in range(30)
        )
    )
    out = run(capsys, "generate", "--check")[1].splitlines()
    assert (len(out), out[-1][:2]) == (401, "… ")


def test_removals_need_a_word(build: Build, capsys: Capture) -> None:
    models = [
        f"  - {{name: m{i}, repository: {{image: {{path: /m}}}}}}\n" for i in range(4)
    ]
    build(models="models:\n" + "".join(models))
    run(capsys, "generate")
    build(models="models:\n" + models[0])
    said = "3 of 4 releases of dev would be removed: m1, m2, m3 (if that is meant: --allow-removals 3)"
    assert run(capsys, "generate") == (
        2,
        "",
        f"deploy/dev:1:1: TF062 {said}\n1 error\n",
    )
    assert run(capsys, "generate", "--allow-removals", "3")[0] == 0


def test_one_environment_is_written(build: Build, capsys: Capture) -> None:
    root = build(files={"values/environments/prod.yaml": "namespace: p\n"})
    assert run(capsys, "generate", "--env", "prod")[0] == 0
    assert sorted(path.name for path in (root / "deploy").iterdir()) == [
        "bootstrap",
        "charts.yaml",
        "prod",
    ]
    said = "there is no environment `pord` (did you mean `prod`?); there are dev, prod"
    assert said in run(capsys, "generate", "--env", "pord")[2]


def test_explain_says_who_set_what(build: Build, capsys: Capture) -> None:
    build(models=MODELS + "    replicas: 2\n", dev="patches: {one: {replicas: 3}}\n")
    assert run(capsys, "explain", "one", "replicas", "--env", "dev")[1] == (
        "replicas: 3  # values/environments/dev.yaml:2:27, dev patch\n"
        "    over 2  # values/models/team.yaml:4:15, entry\n"
        "    over 1  # chart default\n"
    )
    assert run(capsys, "explain", "one", "--env", "dev")[1].splitlines()[-4:] == [
        "mode triton: http 8000, grpc 8001, metrics 8002",
        "grace period 60 s = 15 drain + 30 requestTimeout + 15",
        "progress deadline 1560 s = 900 pull + 600 startup + 60",
        "Flux timeout 4680 s = 3 pods × (900 pull + 600 startup + 60 grace)",
    ]
    assert (
        "one has no value `replcas`"
        in run(capsys, "explain", "one", "replcas", "--env", "dev")[2]
    )
    assert (
        "there is no release `two`" in run(capsys, "explain", "two", "--env", "dev")[2]
    )


@pytest.mark.parametrize("key", ["[{}]", "args[{}]", "{}", "args.{}"])
def test_explain_knows_no_place_with_five_thousand_digits(
    build: Build, capsys: Capture, key: str
) -> None:
    build()
    written = key.format("9" * 5000)
    code, out, said = run(capsys, "explain", "one", written, "--env", "dev")
    wanted = (2, "", f"one has no value `{written}`")
    assert (code, out, said.split("Error: ")[-1].strip()) == wanted


@pytest.mark.parametrize(
    "version", ["abc", "1", "9.99", "v1.36", "1.36; x", "1.36.123", "１.36", "1.36\n"]
)
def test_a_version_that_kubernetes_never_has_is_refused(
    build: Build, capsys: Capture, version: str
) -> None:
    build()
    code, out, said = run(capsys, "render", "--kube-version", version, "--validate")
    wanted = (
        f"'--kube-version': `{version}`; expected: a version of Kubernetes, like 1.36"
    )
    assert (code, out, wanted in said) == (2, "", True)


def test_explain_says_where_weights_are(build: Build, capsys: Capture) -> None:
    build(
        models="models:\n  - name: one\n    image: {tag: 26.07-vllm-python-py3}\n"
        "    repository: {vllm: {a: {model: acme/a}}}\n    weights: {hub: {claim: llm}}\n"
    )
    said = run(capsys, "explain", "one", "--env", "dev")[1].splitlines()
    assert said[-5:-3] == [
        "weights /weights/acme/a, downloaded by a Job, once for all pods",
        "shared memory 1024Mi",
    ]


def test_list_shows_releases_and_what_they_need(build: Build, capsys: Capture) -> None:
    build(models=MODELS + "    profile: gpu\n    serviceMonitor: {enabled: true}\n")
    assert run(capsys, "list") == (
        0,
        "dev (argocd, namespace models-dev): 1\n  one  nvcr.io/nvidia/tritonserver:24.10-py3  × 1  1 nvidia.com/gpu\n",
        "",
    )
    assert run(capsys, "list", "--requirements")[1] == (
        "dev:\n  Prometheus operator: one\n  device plugin of nvidia.com/gpu: one\n"
    )
    build(models=MODELS + "    autoscaling: {enabled: true, target: {queueRatio: 1}}\n")
    said, rules = run(capsys, "list", "--requirements")[1].split("\n\n")
    assert said == "dev:\n  custom metrics API: one"
    assert yaml.safe_load(rules)["rules"]["custom"][1]["name"] == {
        "as": "triton_queue_ratio"
    }
    assert json.loads(run(capsys, "list", "-o", "json")[1])["releases"][0]["image"] == (
        "nvcr.io/nvidia/tritonserver:24.10-py3"
    )


def test_list_shows_one_environment(build: Build, capsys: Capture) -> None:
    build(files={"values/environments/prod.yaml": "namespace: p\n"})
    assert (
        run(capsys, "list", "--env", "prod")[1].splitlines()[0]
        == "prod (argocd, namespace p): 1"
    )
    assert (
        run(capsys, "list", "--env", "prod", "--requirements")[1] == "prod: nothing\n"
    )


def test_schemas_are_printed(capsys: Capture) -> None:
    code, out, _ = run(capsys, "schema", "models")
    assert (code, json.loads(out)["title"]) == (0, "values/models/**/*.yaml")


def test_help_and_version() -> None:
    command = [str(Path(sys.executable).parent / "tritonfleet")]
    for arguments in (["-h"], ["--help"], ["validate", "-h"]):
        done = subprocess.run([*command, *arguments], check=True, capture_output=True)
        assert done.stdout
    version = subprocess.run(
        [*command, "--version"], check=True, capture_output=True, text=True
    )
    assert version.stdout == f"tritonfleet {__version__}\n"
    assert (
        subprocess.run(
            [*command, "generat"], check=False, capture_output=True
        ).returncode
        == 2
    )


def test_broken_things_are_exit_3(
    build: Build, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = build()
    (root / "file").write_text("")
    code, _, err = run(capsys, "generate", "--out", "file/below")
    assert (code, err) == (3, "file/below: not a directory\n")
    monkeypatch.setenv("PATH", "")
    monkeypatch.setitem(sys.modules, "helm_python", None)
    code, _, err = run(capsys, "render")
    assert code == 3
    assert (
        err
        == "no helm binary in PATH, and no Helm in process (the extra `render`): install one of them\n"
    )


def test_what_is_printed_cannot_command_a_terminal(
    build: Build, capsys: Capture
) -> None:
    build(models='models:\n  - name: "\\u00ad::error::x"\n')
    out = run(capsys, "validate", "-q")[1]
    assert out.isprintable() or set(filter(lambda c: not c.isprintable(), out)) == {
        "\n"
    }


KEYS = st.sampled_from(
    [
        "name",
        "profile",
        "image",
        "repository",
        "replicas",
        "autoscaling",
        "service",
        "env",
        "volumes",
        "x",
    ]
)
JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-9, 2**53)
    | st.floats(-1e9, 1e9)
    | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4)
    ),
    max_leaves=10,
)


FLEET_KEYS = st.sampled_from(
    [
        "name",
        "gitops",
        "chart",
        "defaults",
        "profiles",
        "ignore",
        "profile",
        "argocd",
        "flux",
    ]
)
ENVIRONMENT_KEYS = st.sampled_from(
    [
        "namespace", "cluster", "engine", "gitops", "chart", "kubernetes", "podSecurity", "capacity", "extraKinds",
        "dynamo",
        "defaults", "profiles", "patches", "exclude", "ignore",
    ]
)  # fmt: skip
SMALL_FLEET = {
    "name": "acme",
    "gitops": {"engine": "argocd", "repository": "https://a.test/b"},
}
FUZZ = settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@FUZZ
@given(
    st.dictionaries(FLEET_KEYS, JUNK, max_size=3),
    st.dictionaries(ENVIRONMENT_KEYS, JUNK, max_size=3),
    st.dictionaries(KEYS, JUNK, max_size=5),
)
def test_no_input_ends_in_a_traceback(
    build: Build, capsys: Capture, fleet: Values, dev: Values, entry: Values
) -> None:
    files = {"values/environments/dev.yaml": json.dumps({"namespace": "dev", **dev})}
    models = json.dumps({"models": [entry, {"name": "one", **entry}, fleet]})
    build(fleet=json.dumps({**SMALL_FLEET, **fleet}), models=models, files=files)
    code, out, err = run(capsys, "validate")
    assert code in (0, 2), err
    assert all(line.count(":") >= 3 for line in out.splitlines())


@FUZZ
@given(st.integers(0, len(FLEET) - 1), st.text(max_size=3))
def test_no_text_ends_in_a_traceback(
    build: Build, capsys: Capture, place: int, text: str
) -> None:
    try:
        build(fleet=FLEET[:place] + text + FLEET[place:])
    except UnicodeEncodeError:
        return
    assert run(capsys, "validate")[0] in (0, 2)


def test_a_code_is_explained(capsys: Capture) -> None:
    told = (Path(__file__).parent / "TF122.txt").read_text()
    assert run(capsys, "rule", "TF122") == (0, told, "")
    assert run(capsys, "rule", "tf122") == (0, told, "")
    code, out, err = run(capsys, "rule", "TF12")
    assert (code, out, "there is no code `TF12` (did you mean `TF" in err) == (
        2,
        "",
        True,
    )
