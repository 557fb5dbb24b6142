"""templates/fleet.yml: its scripts are run, against a bare repository and a server that stands for GitLab's API.

GitLab itself was not asked; check-jsonschema has the schema that it publishes.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.action.host import TOKEN, Host
from tests.action.steps import Ended, Runner, installed, runner
from tests.generator.repositories import git
from tests.pages import ROOT

TEMPLATE = ROOT / "templates/fleet.yml"
JOBS = yaml.safe_load(TEMPLATE.read_text("utf-8"))
MARK = "<!-- tritonfleet-diff -->"
NOTES = "/projects/3/merge_requests/12/notes"


@pytest.fixture
def works(
    checkout: Path, git_host: Host, tmp_path_factory: pytest.TempPathFactory
) -> Runner:
    """A runner of GitLab with the bot's merge request."""
    made = runner(tmp_path_factory.mktemp("temp"), checkout)
    directory = made.directory
    (directory / "source").symlink_to(ROOT)
    variables = {
        **made.variables,
        **{key: str(value) for key, value in JOBS["variables"].items()},
        "PATH": f"{directory}/tritonfleet/bin:{made.variables['PATH']}",
        "TRITONFLEET": str(directory),
        "CI_API_V4_URL": f"{git_host.address}/api",
        "CI_PROJECT_ID": "3",
        "CI_PROJECT_URL": f"{git_host.address}/acme/fleet",
        "CI_MERGE_REQUEST_IID": "12",
        "CI_MERGE_REQUEST_DIFF_BASE_SHA": git(checkout, "rev-parse", "origin/main"),
        "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": "renovate/triton",
        "CI_COMMIT_SHA": git(checkout, "rev-parse", "HEAD"),
    }
    return Runner(directory, checkout, variables)


def job(works: Runner, name: str, **given: str) -> Ended:
    """A job's script, as the runner joins its lines."""
    return works.bash("\n".join(JOBS[name]["script"]), given)


def test_everything_is_told_before_the_job_fails(works: Runner, git_host: Host) -> None:
    ended = job(works, "tritonfleet", TRITONFLEET_TOKEN=TOKEN)
    assert ended.code == 1
    assert '-  tag: "24.10-py3"\n+  tag: "24.12-py3"' in ended.printed
    assert git_host.asked == [
        "GET /user",
        f"GET {NOTES}?per_page=100&page=1",
        f"POST {NOTES}",
    ]
    text = git_host.comments[0]["body"]
    assert text.startswith(f"{MARK}\n### 1 release differs, the pods of 1 restart\n")
    assert text == (works.checkout / "tritonfleet-diff.md").read_text()
    quality = (works.checkout / "tritonfleet-quality.json").read_text()
    assert json.loads(quality or "[]") == []


def test_a_note_of_somebody_who_copied_the_mark_is_left_alone(
    works: Runner, git_host: Host
) -> None:
    git_host.comment(f"{MARK}\nNothing restarts, trust me.", user=1)
    git_host.comment(f"{MARK}\nold")
    job(works, "tritonfleet", TRITONFLEET_TOKEN=TOKEN)
    assert git_host.asked[-1] == f"PUT {NOTES}/2"


def test_without_a_token_the_text_is_an_artifact(works: Runner, git_host: Host) -> None:
    ended = job(works, "tritonfleet")
    assert (ended.code, git_host.asked) == (1, [])
    assert (works.checkout / "tritonfleet-diff.md").exists()
    assert JOBS["tritonfleet"]["artifacts"]["paths"] == ["tritonfleet-diff.md"]


def test_the_bot_s_branch_gets_its_deploy(works: Runner, git_host: Host) -> None:
    ended = job(works, "tritonfleet-deploy", TRITONFLEET_TOKEN=TOKEN)
    assert ended.code == 0, ended.printed
    assert TOKEN not in ended.printed
    changed = git(
        git_host.directory, "show", "--name-only", "--format=%s", "renovate/triton"
    )
    assert changed == "Generate deploy/\n\ndeploy/dev/one/values.yaml"
    git(works.checkout, "reset", "--quiet", "--hard", "HEAD")
    assert job(works, "tritonfleet").code == 0


def test_the_program_comes_from_its_own_ref(works: Runner, source: Path) -> None:
    """The lines before each script, with this clone as the source."""
    git(source, "tag", "v1")
    lines = [
        *JOBS[".tritonfleet"]["before_script"],
        'python -I "$TRITONFLEET/source/tools/comment.py" --help >/dev/null',
        "command -v tritonfleet",
    ]
    ended = works.bash(
        "\n".join(lines),
        {
            "TRITONFLEET_SOURCE": f"file://{source}",
            "TRITONFLEET_REF": "v1",
            "TMPDIR": str(works.directory),
            "PYTHONPATH": "",
        },
    )
    assert ended.code == 0, ended.printed
    found = Path(ended.printed.splitlines()[-1])
    assert found.is_relative_to(works.directory)
    assert found.parts[-3:] == ("python", "bin", "tritonfleet")


@pytest.mark.parametrize(
    ("schema", "file"),
    [
        ("vendor.gitlab-ci", "templates/fleet.yml"),
        ("vendor.gitlab-ci", "docs/examples/gitlab-ci.yaml"),
        ("vendor.github-actions", "action.yml"),
        ("vendor.github-workflows", "docs/examples/github-workflow.yaml"),
    ],
)
def test_published_schemas_take_it(schema: str, file: str) -> None:
    path = str(ROOT / file)
    command = [installed("check-jsonschema"), "--builtin-schema", schema, path]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "ok -- validation done\n")


def test_shellcheck_has_nothing_to_say(tmp_path: Path) -> None:
    common = "\n".join(JOBS[".tritonfleet"]["before_script"])
    scripts = []
    for name in ("tritonfleet", "tritonfleet-deploy"):
        script = tmp_path / f"{name}.bash"
        script.write_text(common + "\n" + "\n".join(JOBS[name]["script"]))
        scripts.append(str(script))
    # `$strict` is one option or none, on purpose.
    command = [installed("shellcheck"), "--shell=bash", "--exclude=SC2086", *scripts]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout == ""
