"""Ensembles as graphs, in the languages of Graphviz and Mermaid."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from tritonfleet.models.pipelines import Pipeline, Step
from tritonfleet.visible import visible

_PLAIN = re.compile(r"[^A-Za-z0-9 _.,:/\[\]()·\-]")


class _Node(NamedTuple):
    """A box of the graph; what goes in and comes out of an ensemble is round."""

    name: str
    text: str
    is_round: bool = False


class _Edge(NamedTuple):
    """A tensor on its way; what an ensemble's own box says already, stands on no edge."""

    begin: str
    end: str
    text: str = ""


def dot(pipelines: Iterable[Pipeline]) -> str:
    """For Graphviz: https://graphviz.org/doc/info/lang.html"""
    lines = ["digraph ensembles {", "  rankdir=LR;", "  node [shape=box];"]
    for number, pipeline in enumerate(pipelines):
        lines += _cluster(number, pipeline)
    lines.append("}")
    return "\n".join(lines) + "\n"


def _cluster(number: int, pipeline: Pipeline) -> Iterator[str]:
    """One ensemble in Graphviz' words."""
    yield f"  subgraph cluster_{number} {{"
    yield f"    label={_quoted(pipeline.name)};"
    for node in _nodes(number, pipeline):
        shape = " shape=oval" if node.is_round else ""
        label = _quoted(node.text)
        yield f"    {node.name} [label={label}{shape}];"
    for edge in _edges(number, pipeline):
        text = f" [label={_quoted(edge.text)}]" if edge.text else ""
        yield f"    {edge.begin} -> {edge.end}{text};"
    yield "  }"


def _quoted(text: str) -> str:
    """Two characters have a meaning in quotes; others that cannot be seen are shown as escapes."""
    escaped = visible(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def mermaid(pipelines: Iterable[Pipeline]) -> str:
    """For pages of Git hosts, which draw it: https://mermaid.js.org/syntax/flowchart.html"""
    lines = ["flowchart LR"]
    for number, pipeline in enumerate(pipelines):
        lines += _subgraph(number, pipeline)
    return "\n".join(lines) + "\n"


def _subgraph(number: int, pipeline: Pipeline) -> Iterator[str]:
    """One ensemble in Mermaid's words."""
    name = _coded(pipeline.name)
    yield f'  subgraph p{number}["{name}"]'
    for node in _nodes(number, pipeline):
        text = _coded(node.text)
        box = f'(["{text}"])' if node.is_round else f'["{text}"]'
        yield f"    {node.name}{box}"
    for edge in _edges(number, pipeline):
        text = f'-- "{_coded(edge.text)}" --' if edge.text else "--"
        yield f"    {edge.begin} {text}> {edge.end}"
    yield "  end"


def _coded(text: str) -> str:
    """Whatever Mermaid, or HTML, might read as more than a letter, by its number."""
    return _PLAIN.sub(lambda match: f"#{ord(match[0])};", text)


DRAWINGS: Mapping[str, Callable[[Iterable[Pipeline]], str]] = {
    "dot": dot,
    "mermaid": mermaid,
}


def _nodes(number: int, pipeline: Pipeline) -> Iterator[_Node]:
    """Inputs, steps, outputs; the nodes of each pipeline have names of their own."""
    for index, name in enumerate(pipeline.inputs):
        text = _tensor(pipeline, name)
        yield _Node(f"p{number}i{index}", text, is_round=True)
    for index, step in enumerate(pipeline.steps):
        yield _Node(f"p{number}s{index}", _words(step))
    for index, name in enumerate(pipeline.outputs):
        text = _tensor(pipeline, name)
        yield _Node(f"p{number}o{index}", text, is_round=True)


def _tensor(pipeline: Pipeline, name: str) -> str:
    """A tensor's name, and its shape where it is known."""
    tensor = pipeline.tensors.get(name)
    if tensor is None or not tensor.shape:
        return name
    return f"{name} · {tensor.shape}"


def _words(step: Step) -> str:
    if not step.backend:
        return step.model
    return f"{step.model} · {step.backend}"


def _edges(number: int, pipeline: Pipeline) -> Iterator[_Edge]:
    """From where a tensor is written to everywhere it is read."""
    inputs = {name: f"p{number}i{i}" for i, name in enumerate(pipeline.inputs)}
    written = _written(number, pipeline)
    for index, step in enumerate(pipeline.steps):
        node = f"p{number}s{index}"
        for name in step.takes:
            if name in inputs:
                yield _Edge(inputs[name], node)
            elif name in written:
                text = _tensor(pipeline, name)
                yield _Edge(written[name], node, text)
    for index, name in enumerate(pipeline.outputs):
        if name in written:
            yield _Edge(written[name], f"p{number}o{index}")


def _written(number: int, pipeline: Pipeline) -> Mapping[str, str]:
    """The node that each tensor comes from."""
    written = {}
    for index, step in enumerate(pipeline.steps):
        for name in step.gives:
            written[name] = f"p{number}s{index}"
    return written
