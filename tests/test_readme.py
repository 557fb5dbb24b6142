"""The pages keep their word: each command is run, each example works, each link leads somewhere."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import click
import pytest
import yaml

from tests.chart.helm import HELM
from tests.generator.fleets import CHART
from tests.generator.test_imports import ORDER
from tests.pages import PAGES, ROOT, anchors, blocks, commands, inline, links, page
from tritonfleet import __version__
from tritonfleet.__main__ import main
from tritonfleet.cli import tritonfleet as program

# Pages whose commands this file runs, one page after the other in one fleet, but for those of the next table.
HERE = ("README.md", "docs/fleet.md", "docs/review.md")
WALK = "docs/walk.md"  # tests/test_walk.py runs it from its first command to its last
# What a command of a console block begins with, and which other test runs it.
ELSEWHERE = {
    "helm install ": "tests/cluster/test_readme.py",
    "kubectl rollout ": "tests/cluster/test_readme.py",
    "kubectl port-forward ": "tests/cluster/test_readme.py",
    "curl ": "tests/cluster/test_readme.py",
    "kubectl apply ": "tests/cluster/test_history.py",
    "kubectl get ": "tests/cluster/test_history.py",
    "kubectl describe ": "tests/cluster/test_history.py",
    "kubectl annotate ": "tests/cluster/test_history.py",
    "kubectl delete ": "tests/cluster/test_history.py",
    "kubectl logs ": "tests/cluster/test_status.py",
    "kubectl create ": "tests/cluster/test_seeds.py",
    "python docs/examples/": "tests/cluster/test_seeds.py",
    "tritonfleet status": "tests/cluster/test_status.py",
    "tritonfleet smoke": "tests/cluster/test_smoke.py",
    "tritonfleet dashboard ": "tests/generator/test_dashboard.py",
    "tritonfleet explain resnet50 ": "tests/generator/test_cli.py",
    "tritonfleet check-repository s3://": "tests/triton/test_buckets.py",
    "tritonfleet check-repository ": "tests/test_readme.py",
    "git push": "tests/cluster/test_history.py",
    "make demo": "tests/test_demo.py",
    "make schemas": "tests/chart/test_contract.py",
    "make lint": ".ci/run",
    "make test": ".ci/run",
    "make pythons": ".ci/run",
    "make checkov": ".ci/run",
    "make cluster": ".ci/run",
    "make test-cluster": ".ci/run",
    "make verdict": ".ci/run",
    "make test-sandbox": ".ci/run",
    "make cluster-down": ".ci/run",
    "make tools": ".ci/run",
}
# What no test runs, and why.
NOT_RUN = {
    "make benchmark": "it takes many minutes, on a machine with nothing else to do",
    "make benchmark-cluster": "it takes hours",
    "make test-cluster-long": "it takes an hour, on the cluster",
    "make test-truth": "it takes many minutes, on the cluster",
    "make test-dynamo": "it installs 0.8 GB, and takes five minutes",
    "make verdict": "it takes many minutes, and grows with the number of entries",
    "make fuzz": "it takes many minutes; its first inputs are in `make test`",
    "make truth": "it takes minutes; its first models are in `make test`",
    "make test-renovate": "it fetches half a gigabyte; its test is tests/bots/test_renovate.py",
    "make golden": "it would write what the tests compare with",
    "make clean": "it would remove what the tests run in",
    ".venv/bin/python -m pytest ": "it is a run of tests itself; what it names is looked for",
    ".venv/bin/ruff format .": "`make lint` asks whether it would change anything",
}
# The same for what sentences mention: no command of ours, so nothing says that it is right but these.
MENTIONED = {
    "helm install -f": "tests/cluster/test_readme.py installs with a file",
    "helm show values": "it prints charts/triton/values.yaml, which tests/chart/test_contract.py reads",
    "helm template": "Helm's own, to compare with",
    "helm test": "tests/cluster/test_helm.py runs it",
    "pip install ./": "the test below does it, with an extra",
    "helmfile template": "helmfile's own, to compare with",
    "docker run": "what people come from",
    "git clone": "Git's own",
    "argocd app terminate-op": "tests/cluster/test_status.py does what it does",
    "git fetch": "Git's own",
    "kubectl scale deployment/<model> --replicas=<one more>": "tests/cluster/test_history.py scales",
}
SITES = {"argo-cd.readthedocs.io", "docs.github.com", "fluxcd.io", "kubernetes.io"}


def known(command: str, table: Mapping[str, str]) -> bool:
    """Whether a table has the command: by its beginning, or as a whole where it is one of make."""
    return command in table or any(
        command.startswith(start) for start in table if not start.startswith("make ")
    )


def run_here() -> Iterator[str]:
    for name in HERE:
        yield from (each for each in commands(name) if not known(each, ELSEWHERE))


def test_the_commands_for_a_fleet_work_in_an_empty_directory(tmp_path: Path) -> None:
    """In a new environment for Python, so that what is installed is what a person gets, and not this clone."""
    install, init, *rest = run_here()
    assert (install, init.split()[:3]) == (
        "pip install './[fast]'",
        ["tritonfleet", "init", "my-fleet"],
    )
    script = [
        "git init --quiet --initial-branch=main",
        f"(cd {shlex.quote(str(ROOT))} && {install} --quiet)",
        *(init, *rest),
        "tritonfleet --version",
    ]
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "python"], check=True)
    (tmp_path / "python/bin/helm").symlink_to(HELM["4"])
    (tmp_path / "fleet").mkdir()
    environment = {
        **{name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        "PATH": f"{tmp_path}/python/bin:{os.environ['PATH']}",
        **{
            f"GIT_{who}_{what}": "test@example.com"
            for who in ("AUTHOR", "COMMITTER")
            for what in ("NAME", "EMAIL")
        },
    }
    done = subprocess.run(
        ["bash", "-eux"],
        input="\n".join(script),
        cwd=tmp_path / "fleet",
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "fleet/my-fleet/deploy/bootstrap/dev.yaml").exists()
    assert done.stdout.splitlines()[-1] == f"tritonfleet {__version__}"


def test_every_command_is_run_or_says_why_not() -> None:
    found = {(name, command) for name in PAGES for command in commands(name)}
    here = {(name, command) for name in (*HERE, WALK) for command in commands(name)}
    chart = {
        ("charts/triton/README.md", command) for command in commands("README.md")
    }  # the same commands
    left = found - here - chart
    assert {
        each for each in left if not known(each[1], {**ELSEWHERE, **NOT_RUN})
    } == set()
    said = [command for _, command in found] + [
        span for name in PAGES for span in inline(name)
    ]
    stale = [
        start
        for start in (*ELSEWHERE, *NOT_RUN)
        if not any(known(command, {start: ""}) for command in said)
    ]
    assert stale == []


def test_what_runs_a_command_is_there() -> None:
    automatic = (ROOT / ".ci/run").read_text() + (ROOT / "Makefile").read_text()
    for command, where in ELSEWHERE.items():
        assert (ROOT / where).is_file(), where
        if where == ".ci/run":
            target = command.removeprefix("make ")
            assert re.search(
                rf"^make {target}$|^test:.*\b{target}\b", automatic, re.MULTILINE
            )


def test_what_pytest_is_told_to_run_is_there() -> None:
    runs = [
        line.split() for line in commands("CONTRIBUTING.md") if " -m pytest " in line
    ]
    assert [words[-1] for words in runs if not (ROOT / words[-1]).exists()] == []


@pytest.mark.parametrize("name", PAGES)
def test_commands_in_sentences_exist(name: str) -> None:
    """Targets of make, and commands and options of the program; others are in the table above."""
    spans = [span for span in inline(name) if re.match(r"[a-z]+ ", span)]
    others = re.compile(r"(kubectl|helm|helmfile|git|pip|docker|flux|argocd) ")
    wrong = [span for span in spans if others.match(span) and span not in MENTIONED]
    said = [*spans, *commands(name)]
    wrong += [
        line
        for line in said
        if line.startswith("make ") and not _targets(line) <= targets()
    ]
    wrong += [
        line for line in said if line.startswith("tritonfleet ") and not _is_ours(line)
    ]
    assert wrong == []


def targets() -> set[str]:
    [phony] = re.findall(
        r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE
    )
    return set(phony.split())


def _targets(line: str) -> set[str]:
    return {word for word in shlex.split(line)[1:] if "=" not in word}


def _is_ours(line: str) -> bool:
    """Whether the program has this command and these options."""
    _, name, *words = line.split()
    if name.startswith("-"):
        return True
    command = program.get_command(click.Context(program), name)
    if command is None:
        return False
    options = {option for each in command.params for option in each.opts}
    return {word.partition("=")[0] for word in words if word.startswith("-")} <= options


def test_every_command_of_the_program_is_explained() -> None:
    rows = re.findall(
        r"^\| `tritonfleet ([\w-]+)[^`]*` \|", page("docs/fleet.md"), re.MULTILINE
    )
    assert rows == program.list_commands(click.Context(program))


def test_every_target_of_make_is_explained() -> None:
    assert {
        command
        for command in commands("CONTRIBUTING.md")
        if command.startswith("make ")
    } == {f"make {target}" for target in targets()}


@pytest.fixture
def fleet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The README's three files, with the chart beside them; the current directory."""
    for file, text in _files("README.md"):
        if file.startswith("values/"):
            (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / file).write_text(text)
    shutil.copytree(CHART, tmp_path / "charts/triton")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _files(name: str) -> Iterator[tuple[str, str]]:
    """Files, or parts of files, that a page shows: each begins with its path as a comment."""
    for block in blocks(name, "yaml"):
        parts = re.split(r"^# (\S+/\S+\.yaml)\n", block.text, flags=re.MULTILINE)
        yield from zip(parts[1::2], parts[2::2], strict=True)


def test_the_three_files_of_the_readme_are_a_fleet(
    fleet: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = dict(_files("README.md"))
    assert [file for file in shown if file.startswith("values/")] == [
        "values/fleet.yaml",
        "values/environments/prod.yaml",
        "values/models/vision.yaml",
    ]
    assert main(["validate", "--strict"]) == 0, capsys.readouterr().out
    assert main(["generate"]) == 0
    listed = re.findall(r"^    (deploy/\S+)", page("README.md"), re.MULTILINE)
    assert [file for file in listed if not (fleet / file).is_file()] == []
    excerpts = {
        file: text for file, text in shown.items() if file.startswith("deploy/")
    }
    assert set(excerpts) < set(listed)
    assert {
        file: text
        for file, text in excerpts.items()
        if text not in (fleet / file).read_text()
    } == {}


def test_the_mistake_of_the_readme_is_told_as_it_says(
    fleet: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = fleet / "values/models/vision.yaml"
    place.write_text(place.read_text().replace("startup:", "startUp:"))
    assert main(["validate", "--quiet"]) == 2
    assert f"\n    {capsys.readouterr().out}" in page("README.md")


EXAMPLES = [
    name for name in PAGES if name.startswith("docs/") and name != "docs/rules.md"
]


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_of_the_pages_are_valid(
    name: str, fleet: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Files are added to the README's fleet, unless they are pieces of the example fleet; what names no file are values
    of the README's entry.

    Half of the examples of docs/rules.md are wrong on purpose; tests/generator/test_codes.py tries them.
    """
    for file, text in _files(name):
        if not _is_in_the_example_fleet(file, text):
            (fleet / file).write_text(text)
    for block in blocks(name, "yaml"):
        if not block.text.startswith("# "):
            place = fleet / "values/models/vision.yaml"
            entries = yaml.safe_load(place.read_text())
            entries["models"][0].update(yaml.safe_load(block.text))
            place.write_text(yaml.safe_dump(entries))
    assert main(["validate", "--strict"]) == 0, capsys.readouterr().out


def _is_in_the_example_fleet(file: str, text: str) -> bool:
    return (ROOT / file).is_file() and text in page(file)


def test_the_models_of_the_examples_are_right(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Those of the pages' own directories; a page's ONNX file is made where it is served."""
    [command] = [
        each
        for each in commands("docs/examples/guide.md")
        if each.startswith("tritonfleet ")
    ]
    _, *arguments = command.split()
    assert main([str(ROOT / each) if "/" in each else each for each in arguments]) == 0
    assert capsys.readouterr().out == ""


def test_the_page_of_models_says_what_the_command_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its three models have code as small as can be; what the command prints stands in the page."""
    monkeypatch.chdir(tmp_path)
    for block in blocks("docs/models.md", "protobuf"):
        file = Path(block.text.split()[1])
        (file.parent / "1").mkdir(parents=True)
        file.write_text(block.text.partition("\n")[2])
        (file.parent / "1/model.py").write_text("class TritonPythonModel: ...")
    for command in commands("docs/models.md"):
        if "s3://" in command:
            continue
        main(command.split()[1:])
        printed = capsys.readouterr().out
        assert indented(printed) in page("docs/models.md") or printed in {
            block.text for block in blocks("docs/models.md", "mermaid")
        }, printed


def indented(text: str) -> str:
    return "".join(f"    {line}\n" for line in text.splitlines())


def test_the_chart_says_how_to_install_it_in_the_same_words() -> None:
    assert set(commands("charts/triton/README.md")) <= set(commands("README.md"))


def test_the_readme_is_short() -> None:
    assert len(page("README.md").splitlines()) <= 120


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_somewhere(name: str) -> None:
    assert [link for link in links(name) if not _leads_somewhere(name, link)] == []


def _leads_somewhere(name: str, link: str) -> bool:
    """A file of the repository and, after #, one of its headings; or a page of a site that is known."""
    address = urlsplit(link)
    if address.scheme:
        return address.scheme == "https" and address.netloc in SITES
    target = (ROOT / name).parent / address.path if address.path else ROOT / name
    if not address.fragment:
        return target.exists()
    return target.is_file() and address.fragment in anchors(
        str(target.resolve().relative_to(ROOT))
    )


def test_every_page_is_reached_from_the_readme() -> None:
    reached = {"README.md"}
    waiting = ["README.md"]
    while waiting:
        name = waiting.pop()
        below = {
            str(
                ((ROOT / name).parent / link.partition("#")[0])
                .resolve()
                .relative_to(ROOT)
            )
            for link in links(name)
            if not urlsplit(link).scheme
        }
        waiting += sorted((below & set(PAGES)) - reached)
        reached |= below
    assert set(PAGES) - reached == set()


def test_the_plan_lists_the_modules_in_their_order() -> None:
    rows = re.findall(r"^\| `(\w+)` \|", page("docs/architecture.md"), re.MULTILINE)
    assert rows == ORDER


def test_the_example_of_owners_names_what_is_there() -> None:
    owned = re.findall(r"^/(\S+)", page("docs/examples/CODEOWNERS"), re.MULTILINE)
    assert owned
    assert [path for path in owned if not (ROOT / path).exists()] == []


def test_generated_files_are_marked_for_reviewers() -> None:
    """What begins with the command's mark, what `make schemas` writes, and Go's lists of modules."""
    written = _lines(
        ["git", "grep", "--files-with-matches", "^# Generated by tritonfleet from "],
        "*.yaml",
    )
    written += _lines(
        ["git", "ls-files"],
        "schemas",
        "charts/triton/README.md",
        "tests/chart/rendered",
    )
    written += _lines(["git", "ls-files"], "tests/cluster/tools/*/go.*")
    assert len(written) > 100
    attributes = _lines(["git", "check-attr", "linguist-generated"], *written)
    assert [line for line in attributes if not line.endswith(": set")] == []


def _lines(command: list[str], *paths: str) -> list[str]:
    done = subprocess.run(
        [*command, "--", *paths], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()
