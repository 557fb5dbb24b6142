"""A fleet as one HTML file: it asks nobody for anything, and whatever stands in values stays text."""

from __future__ import annotations

import json
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from hashlib import sha256
from importlib import resources
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING

from tritonfleet.overview import NOBODY
from tritonfleet.overview.shapes import Model, Overview, Running, span
from tritonfleet.report.shared import number

if TYPE_CHECKING:
    from jinja2 import Template

# Only its own style and script, by their hashes: markup that got in all the same would neither run nor load.
_POLICY = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; "
    "style-src 'sha256-{style}'; script-src 'sha256-{script}'"
)
_ENGINES = {"argocd": "Argo CD", "flux": "Flux"}


def page(overview: Overview) -> str:
    """The whole file."""
    style = _style(overview)
    script = _file("script.js")
    return _template().render(
        fleet=overview,
        policy=_policy(style, script),
        style=style,
        script=script,
        data=_json(overview),
        engines=_ENGINES,
        nobody=NOBODY,
        by_place=partial(_by_place, overview),
        differs=_differs,
        number=number,
        span=span,
        part=_part,
        short=_short,
    )


def _by_place(overview: Overview, model: Model) -> Iterator[Running | None]:
    """The model's release of each environment, or None."""
    releases = {each.environment: each for each in model.releases}
    for place in overview.places:
        yield releases.get(place.name)


def _style(overview: Overview) -> str:
    """With how many environments there are: so the table's columns need not be measured row by row."""
    places = len(overview.places)
    return f"{_file('style.css')}:root {{ --places: {places}; }}\n"


def _policy(style: str, script: str) -> str:
    return _POLICY.format(style=_hash(style), script=_hash(script))


def _file(name: str) -> str:
    return _directory().joinpath(name).read_text(encoding="utf-8")


def _directory() -> Traversable:
    return resources.files("tritonfleet").joinpath("templates", "page")


def _template() -> Template:
    """jinja2 is read when a page is asked for: every other command starts without it."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(_file("page.html"))


def _hash(text: str) -> str:
    """As Content Security Policy writes the hash of what stands in an element."""
    return b64encode(sha256(text.encode()).digest()).decode()


def _json(overview: Overview) -> str:
    """The models, for the script. A `<` could end the element, so none is left."""
    models = [asdict(model) for model in overview.models]
    text = json.dumps(models, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c")


def _version(running: Running) -> str:
    """What tells a reader which models a release serves; without it, which server."""
    return running.model_version or running.tag


def _differs(model: Model, running: Running) -> bool:
    """Whether a release's version is not the one that most of the model's releases have."""
    counts = Counter(map(_version, model.releases))
    return counts[_version(running)] < max(counts.values())


def _short(place: str) -> str:
    """Where an entry is, below the directory in which all lists are."""
    return place.removeprefix("values/models/")


def _part(count: int, whole: int) -> str:
    """Percent of a whole, at most all of it."""
    percent = min(100, 100 * count / whole)
    return f"{percent:.4g}"
