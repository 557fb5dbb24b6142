"""Keeps one comment of a pull request, or one note of a merge request: comment.py github|gitlab FILE [--new yes|no].

What it asks and whom is in the variables that the CI sets, and the token in TOKEN. The comment is the one that begins
with the first line of FILE and that a bot (GitHub) or the token's owner (GitLab) wrote: anybody can write that line.
It needs nothing but Python.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SECONDS = 30
PAGE = 100  # comments in an answer; neither host gives more
MOST_PAGES = 100
HINTS = {
    "github": "the job needs `permissions: pull-requests: write`",
    "gitlab": "the token needs the scope `api` and the role Reporter or higher",
}


@dataclass(frozen=True)
class Host:
    """Where the comments are, and how to write them."""

    comments: str
    """Address of all comments of the request."""
    one: str
    """Address of a comment, without its number."""
    change: str
    """Method that changes a comment."""
    headers: Mapping[str, str]
    is_ours: Callable[[Mapping[str, Any]], bool]
    """Whether it is a comment that we may have written."""


def github(variables: Mapping[str, str]) -> Host:
    """https://docs.github.com/en/rest/issues/comments"""
    repository = (
        f"{variables['GITHUB_API_URL']}/repos/{variables['GITHUB_REPOSITORY']}/issues"
    )
    return Host(
        comments=f"{repository}/{variables['NUMBER']}/comments",
        one=f"{repository}/comments",
        change="PATCH",
        headers={
            "Authorization": f"Bearer {variables['TOKEN']}",
            "Accept": "application/vnd.github+json",
        },
        is_ours=lambda comment: comment["user"]["type"] == "Bot",
    )


def gitlab(variables: Mapping[str, str]) -> Host:
    """https://docs.gitlab.com/api/notes"""
    api = variables["CI_API_V4_URL"]
    request = f"{api}/projects/{variables['CI_PROJECT_ID']}/merge_requests"
    notes = f"{request}/{variables['CI_MERGE_REQUEST_IID']}/notes"
    headers = {"PRIVATE-TOKEN": variables["TOKEN"]}
    me = ask("GET", f"{api}/user", headers)["id"]
    return Host(
        comments=notes,
        one=notes,
        change="PUT",
        headers=headers,
        is_ours=lambda note: note["author"]["id"] == me,
    )


HOSTS = {"github": github, "gitlab": gitlab}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("host", choices=HOSTS)
    parser.add_argument("file", type=Path)
    parser.add_argument("--new", choices=["yes", "no"], default="yes")
    given = parser.parse_args()
    try:
        print(keep(HOSTS[given.host], given.file.read_text("utf-8"), given.new))
    except urllib.error.HTTPError as error:
        print(f"the comment: {error.code} {error.reason}; {HINTS[given.host]}")
    except OSError as error:
        print(f"the comment: {error}")
    else:
        return 0
    return 3


def keep(host_of: Callable[[Mapping[str, str]], Host], text: str, new: str) -> str:
    """Writes the comment; returns what was done. Raises OSError where the host does not take it."""
    host = host_of(os.environ)
    mark = text.partition("\n")[0]
    for comment in _comments(host):
        if comment["body"].startswith(mark) and host.is_ours(comment):
            address = f"{host.one}/{comment['id']}"
            ask(host.change, address, host.headers, {"body": text})
            return "the comment is brought up to date"
    if new == "no":
        return "no release differs: there is nothing to comment"
    ask("POST", host.comments, host.headers, {"body": text})
    return "the comment is written"


def _comments(host: Host) -> Iterator[Mapping[str, Any]]:
    """All comments, oldest first as far as the host says so."""
    for number in range(1, MOST_PAGES + 1):
        address = f"{host.comments}?per_page={PAGE}&page={number}"
        page = ask("GET", address, host.headers)
        yield from page
        if len(page) < PAGE:
            return


def ask(
    method: str,
    address: str,
    headers: Mapping[str, str],
    body: Mapping[str, str] | None = None,
) -> Any:
    """What the host answers. Raises OSError."""
    data = None
    headers = {**headers, "User-Agent": "tritonfleet"}
    if body is not None:
        data = json.dumps(body).encode()
        headers["Content-Type"] = "application/json"
    request = urllib.request.Request(address, data=data, headers=headers, method=method)
    with urllib.request.urlopen(request, timeout=SECONDS) as answer:
        return json.load(answer)


if __name__ == "__main__":
    sys.exit(main())
