"""Fleet to Installations, with the few numbers that the engines' files need."""

from __future__ import annotations

from collections.abc import Iterable

from tritonfleet.labels import names_of
from tritonfleet.nouns import Fleet, Installation, Release
from tritonfleet.timing import TEST_KEYS, deadline_of_test, timing_of
from tritonfleet.values import Values


def plan(fleet: Fleet) -> tuple[Installation, ...]:
    """What is installed for each release, in the order of environments and lists."""
    return tuple(installation(release) for release in fleet.releases)


def installation(release: Release) -> Installation:
    """What is installed for one release."""
    return Installation(
        name=release.name,
        environment=release.environment,
        values=_ordered(release.values, release.environment.chart.defaults),
        suspended=release.suspended,
        file=release.entry.layer.source.file,
        timing=timing_of(release),
        autoscaled=release.value("autoscaling")["enabled"],
        test=deadline_of_test({key: release.value(key) for key in TEST_KEYS}),
        names=names_of(release),
    )


def _ordered(values: Values, order: Iterable[str]) -> Values:
    """The values in the chart's own order, so that the order of layers and of an entry's keys changes no file."""
    return {key: values[key] for key in order if key in values}
