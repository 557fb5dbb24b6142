"""action.yml: the scripts of its steps are run, against a bare repository and a server that stands for GitHub's API.

GitHub itself was not asked. What its runner does is as its reference says: tests/action/steps.py.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.action.host import TOKEN, Host
from tests.action.steps import ACTION, STEPS, Ended, Runner, installed, runner
from tests.generator.repositories import commit, git
from tests.pages import ROOT

VALID, MODELS, COMMENT, CHECK, WRITE = (
    "The lists are valid",
    "Triton can load the models",
    "What the change will do",
    "deploy/ is what the lists say",
    "Write deploy/ anew",
)
MARK = "<!-- tritonfleet-diff -->"
ALL_COMMENTS = "/repos/acme/fleet/issues/12/comments"
OWNER = "github.event.pull_request.head.repo.full_name"
IS_FORK = f"github.event_name == 'pull_request' && {OWNER} != github.repository"
MAY_COMMENT = f"inputs.comment == 'true' && {OWNER} == github.repository"
HEAD = "github.event.pull_request.head.sha || github.sha"


@pytest.fixture
def works(
    checkout: Path, git_host: Host, tmp_path_factory: pytest.TempPathFactory
) -> Runner:
    """A runner with the bot's branch."""
    made = runner(tmp_path_factory.mktemp("temp"), checkout)
    variables = {
        **made.variables,
        "GITHUB_API_URL": f"{git_host.address}/api",
        "GITHUB_SERVER_URL": git_host.address,
        "GITHUB_REPOSITORY": "acme/fleet",
    }
    return Runner(made.directory, checkout, variables)


def expressions(works: Runner, **changed: str) -> dict[str, str]:
    """What GitHub makes of the Action's expressions, for a pull request of the repository's own branch."""
    return {
        "inputs.root": ".",
        "inputs.strict": "true",
        "inputs.token": TOKEN,
        "github.base_ref": "main",
        "github.event.pull_request.number": "12",
        "github.token": TOKEN,
        MAY_COMMENT: "true",
        "github.head_ref || github.ref_name": "renovate/triton",
        HEAD: git(works.checkout, "rev-parse", "HEAD"),
        IS_FORK: "false",
    } | changed  # fmt: skip


def step(works: Runner, name: str, **changed: str) -> Ended:
    return works.run(name, {**expressions(works), **changed})


def test_a_valid_list_is_told_in_the_summary(works: Runner) -> None:
    ended = step(works, VALID)
    assert ended.code == 0
    assert "::" not in ended.printed
    assert ended.summary == "<!-- tritonfleet-validate -->\n### No problems\n"


def test_problems_are_annotations_and_all_are_in_the_summary(works: Runner) -> None:
    place = works.checkout / "values/models/team.yaml"
    entries = "".join(
        f"  - {{name: m{number}, replicas: -1}}\n" for number in range(500)
    )
    place.write_text(f"models:\n{entries}")
    ended = step(works, VALID)
    assert ended.code == 2
    assert "::error file=values/models/team.yaml,line=2,col=" in ended.printed
    assert ended.summary.count("TF") >= 500
    assert len(ended.summary.encode()) <= 1024 * 1024


def test_warnings_fail_where_somebody_is_strict(works: Runner) -> None:
    (works.checkout / "values/environments/dev.yaml").write_text(
        "namespace: models-dev\nignore: [{rule: TF134, models: [one], reason: none}]\n"
    )
    assert step(works, VALID).code == 1
    assert step(works, VALID, **{"inputs.strict": "false"}).code == 0


def add(works: Runner, path: str, text: str) -> None:
    (works.checkout / path).parent.mkdir(parents=True, exist_ok=True)
    (works.checkout / path).write_text(text)


def test_changed_models_are_looked_at_wherever_they_are(works: Runner) -> None:
    code = "class TritonPythonModel: ...\n"
    # What was wrong before is not this pull request's.
    git(works.checkout, "checkout", "--quiet", "-b", "older", "origin/main")
    add(works, "old/echo/config.pbtxt", "max_batchsize: 1\n")
    add(works, "old/echo/1/model.py", code)
    commit(works.checkout)
    git(works.checkout, "update-ref", "refs/remotes/origin/main", "HEAD")
    assert step(works, MODELS).printed == ""

    add(works, "some where/models/echo/config.pbtxt", 'backend: "python"\n')
    add(works, "some where/models/echo/1/model.py", code)
    commit(works.checkout)
    assert (step(works, MODELS).code, step(works, MODELS).printed) == (0, "")

    add(works, "some where/models/echo/config.pbtxt", "max_batchsize: 1\n")
    commit(works.checkout)
    ended = step(works, MODELS)
    assert ended.code == 2
    place = "file=some where/models/echo/config.pbtxt,line=1,col=1"
    assert ended.printed.startswith(f"::error {place}")
    assert ended.printed.count("::error") == 1


def test_a_warning_about_a_model_fails_where_somebody_is_strict(works: Runner) -> None:
    add(works, "models/echo/config.pbtxt", 'backend: "python" dynamic_batching { }')
    add(works, "models/echo/1/model.py", "class TritonPythonModel: ...\n")
    commit(works.checkout)
    assert step(works, MODELS).code == 1
    ended = step(works, MODELS, **{"inputs.strict": "false"})
    assert (ended.code, ended.printed[:10]) == (0, "::warning ")


def test_models_of_a_shallow_checkout_are_not_guessed(
    works: Runner, git_host: Host, tmp_path: Path
) -> None:
    shallow = tmp_path / "shallow"
    options = ("--quiet", "--depth", "1", "--branch", "renovate/triton")
    git(tmp_path, "clone", *options, f"file://{git_host.directory}", str(shallow))
    ended = step(Runner(works.directory, shallow, works.variables), MODELS)
    assert ended.code == 1
    assert "fetch-depth: 0" in ended.printed


def test_a_pull_request_gets_one_comment(works: Runner, git_host: Host) -> None:
    git_host.comment("a person's", user=1, kind="User")
    first, second = step(works, COMMENT), step(works, COMMENT)
    assert (first.code, second.code) == (0, 0)
    assert git_host.asked == [
        f"GET {ALL_COMMENTS}?per_page=100&page=1",
        f"POST {ALL_COMMENTS}",
        f"GET {ALL_COMMENTS}?per_page=100&page=1",
        "PATCH /repos/acme/fleet/issues/comments/2",
    ]
    text = git_host.comments[1]["body"]
    assert text.startswith(f"{MARK}\n### 1 release differs, the pods of 1 restart\n")
    assert text == first.summary == second.summary


def test_a_comment_of_somebody_who_copied_the_mark_is_left_alone(
    works: Runner, git_host: Host
) -> None:
    git_host.comment(f"{MARK}\nNothing restarts, trust me.", user=1, kind="User")
    step(works, COMMENT)
    assert git_host.asked[-1] == f"POST {ALL_COMMENTS}"
    assert git_host.comments[0]["body"].endswith("trust me.")


def test_the_comment_is_found_behind_a_hundred_others(
    works: Runner, git_host: Host
) -> None:
    for _ in range(150):
        git_host.comment("a person's", user=1, kind="User")
    git_host.comment(f"{MARK}\nold")
    step(works, COMMENT)
    assert git_host.asked == [
        f"GET {ALL_COMMENTS}?per_page=100&page=1",
        f"GET {ALL_COMMENTS}?per_page=100&page=2",
        "PATCH /repos/acme/fleet/issues/comments/151",
    ]


def test_where_no_release_differs_no_comment_begins(
    works: Runner, git_host: Host
) -> None:
    git(works.checkout, "reset", "--quiet", "--hard", "origin/main")
    assert step(works, COMMENT).code == 0
    git_host.comment(f"{MARK}\nold")
    assert step(works, COMMENT).code == 0
    assert [line.split()[0] for line in git_host.asked] == ["GET", "GET", "PATCH"]
    assert git_host.comments[0]["body"].startswith(f"{MARK}\n### No release differs")


def test_a_fork_has_the_text_in_the_summary_only(works: Runner, git_host: Host) -> None:
    ended = step(works, COMMENT, **{MAY_COMMENT: "false"})
    assert (ended.code, git_host.asked) == (0, [])
    assert ended.summary.startswith(f"{MARK}\n### 1 release differs")


def test_what_cannot_be_compared_is_no_old_comment(
    works: Runner, git_host: Host
) -> None:
    git_host.comment(f"{MARK}\nold")
    (works.checkout / "values/models/team.yaml").write_text("models: 1\n")
    ended = step(works, COMMENT)
    assert ended.code == 2
    assert "not known" in git_host.comments[0]["body"]


def test_a_shallow_checkout_says_what_to_write(
    works: Runner, git_host: Host, tmp_path: Path
) -> None:
    shallow = tmp_path / "shallow"
    options = ("--quiet", "--depth", "1", "--branch", "renovate/triton")
    git(tmp_path, "clone", *options, f"file://{git_host.directory}", str(shallow))
    ended = step(Runner(works.directory, shallow, works.variables), COMMENT)
    assert ended.code == 3
    assert "fetch-depth: 0" in ended.printed


def test_a_host_that_refuses_the_comment_is_told(works: Runner, git_host: Host) -> None:
    git_host.refuses = True
    ended = step(works, COMMENT)
    assert ended.code == 3
    assert ended.printed.endswith(
        "the comment: 403 Forbidden; the job needs `permissions: pull-requests: write`\n"
    )


def test_an_old_deploy_fails(works: Runner) -> None:
    ended = step(works, CHECK)
    assert ended.code == 1
    assert '-  tag: "24.10-py3"\n+  tag: "24.12-py3"' in ended.printed


def test_the_bot_s_branch_gets_its_deploy(works: Runner, git_host: Host) -> None:
    # What actions/checkout leaves behind where nobody says persist-credentials: false.
    left = f"http.{git_host.address}/.extraheader"
    git(works.checkout, "config", left, "Authorization: basic b2xk")
    ended = step(works, WRITE)
    assert ended.code == 0, ended.printed
    assert TOKEN not in ended.printed
    log = git(
        git_host.directory, "log", "--format=%an <%ae> %s", "-2", "renovate/triton"
    )
    assert log.splitlines() == [
        "tritonfleet <tritonfleet@noreply.invalid> Generate deploy/",
        "test <test@example.com> Update Triton",
    ]
    changed = git(
        git_host.directory, "show", "--name-only", "--format=", "renovate/triton"
    )
    assert changed == "deploy/dev/one/values.yaml"

    # The run for that commit has nothing to do, so bots do not call each other for ever.
    again = step(works, WRITE)
    assert (again.code, again.printed.splitlines()[-1]) == (
        0,
        "deploy/ is what the lists say: nothing to commit",
    )
    assert step(works, CHECK).code == 0


def test_a_branch_that_moved_meanwhile_is_not_overwritten(
    works: Runner, git_host: Host, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    git(
        tmp_path,
        "clone",
        "--quiet",
        "--branch",
        "renovate/triton",
        str(git_host.directory),
        str(other),
    )
    newest = commit(other, "Another")
    git(other, "push", "--quiet", "origin", "renovate/triton")
    ended = step(works, WRITE)
    assert ended.code == 1
    assert "[rejected]" in ended.printed
    assert git(git_host.directory, "rev-parse", "renovate/triton") == newest


def test_nothing_is_written_where_the_lists_are_not_valid(
    works: Runner, git_host: Host
) -> None:
    (works.checkout / "values/models/team.yaml").write_text("models: 1\n")
    before = git(git_host.directory, "rev-parse", "renovate/triton")
    assert step(works, WRITE).code == 2
    assert git(git_host.directory, "rev-parse", "renovate/triton") == before


@pytest.mark.parametrize(
    ("expression", "value", "code", "words"),
    [
        ("inputs.token", "", 1, "::error::commit: true needs token:"),
        (HEAD, "0" * 40, 1, "::error::commit: true needs the branch as it is"),
        (IS_FORK, "true", 0, "::notice::deploy/ is not written anew"),
    ],
)  # fmt: skip
def test_what_cannot_be_written_says_why(
    works: Runner, git_host: Host, expression: str, value: str, code: int, words: str
) -> None:
    before = git(git_host.directory, "rev-parse", "renovate/triton")
    ended = step(works, WRITE, **{expression: value})
    assert ended.code == code
    assert ended.printed.startswith(words)
    assert git(git_host.directory, "rev-parse", "renovate/triton") == before


def test_the_program_is_installed_from_the_action_and_not_from_the_checkout(
    works: Runner,
) -> None:
    shutil.rmtree(works.directory / "tritonfleet")
    for name in ("pip", "venv", "tritonfleet", "yaml"):
        (works.checkout / f"{name}.py").write_text(
            "raise SystemExit('a file of the checkout is run')\n"
        )
    ended = works.run("Install the program", {})
    assert ended.code == 0, ended.printed
    assert step(works, VALID).code == 0


def test_pull_request_target_is_refused(works: Runner) -> None:
    ended = works.run("Never for pull_request_target", {})
    assert (ended.code, ended.printed[:22]) == (1, "::error::Triton Fleet ")
    assert ACTION["runs"]["steps"][0]["name"] == "Never for pull_request_target"


def test_no_expression_is_inside_of_a_script() -> None:
    assert [
        name for name, step in STEPS.items() if re.search(r"(?<!\\)\$\{\{", step["run"])
    ] == []


def test_shellcheck_has_nothing_to_say(tmp_path: Path) -> None:
    scripts = [ROOT / "tools/commit"]
    for name, each in STEPS.items():
        script = tmp_path / f"{len(scripts)}.bash"
        script.write_text(f"# {name}\n{each['run']}")
        scripts.append(script)
    done = subprocess.run(
        [
            installed("shellcheck"),
            "--shell=bash",
            *scripts,
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == ""


def test_actionlint_takes_a_workflow_that_uses_it(tmp_path: Path) -> None:
    """The example of the docs, with this Action under the address that actionlint can read."""
    workflow = (ROOT / "docs/examples/github-workflow.yaml").read_text()
    uses = "uses: acme/triton-fleet@v1"
    assert workflow.count(uses) == 2
    place = tmp_path / ".github/workflows/fleet.yaml"
    place.parent.mkdir(parents=True)
    shutil.copy(ROOT / "action.yml", tmp_path)
    git(tmp_path, "init", "--quiet")
    assert _actionlint(place, workflow.replace(uses, "uses: ./")) == ""
    wrong = _actionlint(
        place, workflow.replace(uses, "uses: ./").replace("commit: true", "comit: true")
    )
    assert 'input "comit" is not defined in action "Triton Fleet"' in wrong


def _actionlint(place: Path, text: str) -> str:
    place.write_text(text)
    done = subprocess.run(
        [ROOT / ".tools/actionlint", "-no-color"],
        cwd=place.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout
