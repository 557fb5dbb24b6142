"""A fleet as one HTML file: it asks nobody for anything, and whatever stands in values stays text."""

from __future__ import annotations

import json
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from hashlib import sha256
from importlib import resources
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING

from tritonfleet.overview import NOBODY
from tritonfleet.overview.shapes import Model, Overview, Running
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
    style, script = _file("style.css"), _file("script.js")
    places = [place.name for place in overview.places]

    def by_place(model: Model) -> Iterator[Running | None]:
        """The model's release of each environment, or None."""
        releases = {each.environment: each for each in model.releases}
        return (releases.get(name) for name in places)

    return _template().render(
        fleet=overview,
        policy=_POLICY.format(style=_hash(style), script=_hash(script)),
        style=style,
        script=script,
        data=_json(overview),
        engines=_ENGINES,
        nobody=NOBODY,
        by_place=by_place,
        differs=_differs,
        number=number,
        span=_span,
        part=_part,
    )


def _file(name: str) -> str:
    return _directory().joinpath(name).read_text(encoding="utf-8")


def _directory() -> Traversable:
    return resources.files("tritonfleet").joinpath("templates", "page")


def _template() -> Template:
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
    return running.model_version or running.tag


def _differs(model: Model, running: Running) -> bool:
    """Whether a release's version is not the one that most of the model's releases have."""
    counts = Counter(map(_version, model.releases))
    return counts[_version(running)] < max(counts.values())


def _span(least: int, most: int) -> str:
    """`2`, or `1–4`."""
    return str(least) if least == most else f"{least}–{most}"


def _part(count: int, whole: int) -> str:
    """Percent of a whole, at most all of it."""
    return f"{min(100, 100 * count / whole):.4g}"
