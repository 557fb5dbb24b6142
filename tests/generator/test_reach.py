"""How a person reaches a release: addresses, pages of Git hosts, and commands to paste."""

from __future__ import annotations

import pytest

from tests.generator.fleets import Build, checked
from tritonfleet.gitops import gitops_of
from tritonfleet.nouns import Release
from tritonfleet.problem import Position
from tritonfleet.reach import address, commands, lines_url

LINE = Position("values/models/team.yaml", 7)


@pytest.mark.parametrize(
    ("repository", "page"),
    [
        ("https://github.com/acme/m.git", "https://github.com/acme/m/blob/dev/x/values/models/team.yaml#L7"),
        ("git@github.com:acme/m.git", "https://github.com/acme/m/blob/dev/x/values/models/team.yaml#L7"),
        ("ssh://git@gitlab.acme.test:2222/a/m", "https://gitlab.acme.test/a/m/-/blob/dev/x/values/models/team.yaml#L7"),
        ("https://gitlab.acme.test:8443/a/m", "https://gitlab.acme.test:8443/a/m/-/blob/dev/x/values/models/team.yaml#L7"),
        ("https://git.acme.test/a/m", ""),
        ("http://github.com/acme/m", ""),
        ("/srv/github/m", ""),
    ],
)  # fmt: skip
def test_a_line_has_a_page_where_the_host_is_known(repository: str, page: str) -> None:
    gitops = {"repository": repository, "revision": "dev", "path": "x"}
    assert lines_url(gitops_of(gitops, "project"), LINE) == page


def _release(build: Build, entry: str) -> Release:
    models = f"models:\n  - name: one\n    repository: {{image: {{path: /m}}}}\n{entry}"
    [release] = checked(build(models=models)).releases
    return release


def test_a_release_is_reached_by_the_name_of_its_service(build: Build) -> None:
    release = _release(build, "    fullnameOverride: other\n")
    values = release.complete()
    forward = "kubectl --namespace models-dev port-forward service/other 8000:8000"
    assert address(release, values) == "other.models-dev.svc:8000"
    assert commands(release, values)[0].text == forward


@pytest.mark.parametrize(
    ("models", "path"),
    [("[]", "/v2"), ("[a, b]", "/v2/models/a"), ("['*']", "/v2")],
)
def test_a_request_names_a_model_only_where_one_is_named(
    build: Build, models: str, path: str
) -> None:
    release = _release(build, f"    loadModels: {models}\n")
    [_, curl, _] = commands(release, release.complete())
    assert curl.text.split()[-1] == f"http://localhost:8000{path}"


def test_a_chat_is_asked_where_its_api_is(build: Build) -> None:
    entry = "    image: {tag: 26.08-py3}\n    server: {mode: openai}\n"
    body = '{"model": "qwen", "messages": []}'
    test = f"model: qwen, path: chat/completions, body: '{body}'"
    release = _release(build, f"{entry}    test: {{inference: {{{test}}}}}\n")
    [_, curl, _] = commands(release, release.complete())
    assert address(release, release.complete()) == "one.models-dev.svc:9000"
    url = curl.text.split()[-1]
    assert url == "http://localhost:9000/v1/chat/completions"
