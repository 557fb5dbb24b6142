"""What a model asks of the server's metrics: families, buckets and tags.

Source: triton-inference-server/core, src/model_config_utils.cc (ValidateModelMetrics) and src/metric_model_reporter.cc
(GetMetricLabels), at 2.71.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tritonfleet.models.fields import Message
from tritonfleet.models.nouns import Finding, Model, Server, at_field, in_config

# The server puts `_` before a tag's name and makes a label of it; labels that begin with two are Prometheus' own.
_TAG = re.compile(r"([A-Za-z0-9][A-Za-z0-9_]*)?\Z")


def metrics_are_whole(model: Model, _: Server) -> Iterator[Finding]:
    """A metric that is controlled has a family and buckets."""
    metrics = model.config.message("model_metrics")
    for control in metrics.messages("metric_control"):
        for name in _missing_of_metric(control):
            message = f"a metric has no `{name}`"
            yield in_config(control.place, "TF216", message, f"add `{name}`")


def _missing_of_metric(control: Message) -> Iterator[str]:
    """Which metrics are meant, and where their histogram is divided."""
    if not control.message("metric_identifier").text("family"):
        yield "family"
    if not control.message("histogram_options").words("buckets"):
        yield "buckets"


def tags_are_labels(model: Model, server: Server) -> Iterator[Finding]:
    """The client library of Prometheus throws at another name, nobody catches it, and the whole server ends."""
    if server.has_metrics is False:
        return
    for tag in model.config.messages("metric_tags"):
        name = tag.text("key")
        if not _TAG.match(name):
            message = f"tag {name} is no name of a label, and ends the whole server"
            hint = "use letters, digits and `_`, which is not the first"
            yield at_field(tag, "key", "TF227", message, hint)
