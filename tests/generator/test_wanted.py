"""What `status` takes for wanted: the releases of a commit, in real repositories."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.generator.fleets import Build
from tests.generator.repositories import commit, git
from tritonfleet.__main__ import main
from tritonfleet.environments import environments_of
from tritonfleet.history import newest_changes, reaches, uncommitted
from tritonfleet.load import load
from tritonfleet.status import Site, site_of

MODELS = """\
models:
  - {name: one, repository: {image: {path: /models}}, loadModels: [a], modelVersion: "7", owner: {team: vision}}
  - {name: two, repository: {image: {path: /models}}, suspend: true, fullnameOverride: other}
"""


@pytest.fixture
def fleet(build: Build) -> Path:
    """A generated fleet with one commit; its branch is main, as the engine's."""
    root = build(MODELS)
    assert main(["generate", "--quiet", str(root)]) == 0
    git(root, "init", "--quiet")
    commit(root)
    return root


def only_site(root: Path, reference: str | None = None) -> Site:
    (environment,) = environments_of(load(root))
    return site_of(root, environment, reference)


def test_releases_are_those_of_the_commit_with_what_their_pods_must_have(
    fleet: Path,
) -> None:
    head = git(fleet, "rev-parse", "HEAD")
    site = only_site(fleet)
    assert (site.reference, site.commit, site.object_name) == ("main", head, "acme-dev")
    one, two = site.wanted
    assert (one.name, one.image, one.model_version, one.models, one.owner) == (
        "one",
        "nvcr.io/nvidia/tritonserver:24.10-py3",
        "7",
        ("a",),
        "vision",
    )
    assert (one.commits, one.suspended, one.http, one.metrics) == (
        (head, head),
        False,
        8000,
        8002,
    )
    assert (two.full_name, two.suspended) == ("other", True)


@pytest.mark.parametrize("engine", ["argocd", "flux"])
def test_both_engines_files_say_what_is_suspended(build: Build, engine: str) -> None:
    root = build(MODELS, dev=f"engine: {engine}\n")
    assert main(["generate", "--quiet", str(root)]) == 0
    git(root, "init", "--quiet")
    commit(root)
    assert [each.suspended for each in only_site(root).wanted] == [False, True]


def test_what_is_not_committed_is_counted_and_left_out(fleet: Path) -> None:
    lists = fleet / "values" / "models" / "team.yaml"
    lists.write_text(MODELS.replace('"7"', '"8"'))
    assert main(["generate", "--quiet", str(fleet)]) == 0
    assert uncommitted(fleet) == 3
    assert only_site(fleet).wanted[0].model_version == "7"


def test_with_a_remote_its_branch_counts(
    fleet: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    clone = tmp_path_factory.mktemp("clone") / "fleet"
    git(clone.parent, "clone", "--quiet", f"file://{fleet}", str(clone))
    began = git(fleet, "rev-parse", "HEAD")
    commit(clone)
    site = only_site(clone)
    assert (site.reference, site.commit) == ("origin/main", began)
    assert only_site(clone, "HEAD").commit == git(clone, "rev-parse", "HEAD")


def test_a_branch_that_was_not_fetched_is_told(fleet: Path) -> None:
    hidden = only_site(fleet, "gone").hidden
    assert hidden is not None
    assert (hidden.state, hidden.words) == (
        "unknown",
        "nobody knows here what is merged: there is no commit `gone`",
    )


def test_the_newest_commit_of_each_release_is_found(fleet: Path) -> None:
    first = git(fleet, "rev-parse", "HEAD")
    (fleet / "deploy/dev/two/values.yaml").write_text("x")
    second = commit(fleet)
    commit(fleet)
    found = newest_changes(fleet, "HEAD", {"deploy/dev": 3, "charts/triton": 2})
    ids = {path: change.id for path, change in found.items()}
    assert ids == {
        "deploy/dev/one": first,
        "deploy/dev/two": second,
        "charts/triton": first,
    }


def test_a_newer_commit_holds_an_older_one(fleet: Path) -> None:
    first = git(fleet, "rev-parse", "HEAD")
    second = commit(fleet)
    assert reaches(fleet, second, first) is True
    assert reaches(fleet, first, second) is False
    assert reaches(fleet, "f" * 40, first) is None


def test_a_release_that_is_suspended_has_still_the_objects_of_the_commit_before(
    fleet: Path,
) -> None:
    lists = fleet / "values" / "models" / "team.yaml"
    first = git(fleet, "rev-parse", "HEAD")
    lists.write_text(MODELS.replace("name: one,", "name: one, suspend: true,"))
    assert main(["generate", "--quiet", str(fleet)]) == 0
    second = commit(fleet)
    one = only_site(fleet).wanted[0]
    assert (one.commits, one.rendered) == ((second, first), (first, first))
