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
        lines.append(f"  subgraph cluster_{number} {{")
        lines.append(f"    label={_quoted(pipeline.name)};")
        for node in _nodes(number, pipeline):
            shape = " shape=oval" if node.is_round else ""
            lines.append(f"    {node.name} [label={_quoted(node.text)}{shape}];")
        for edge in _edges(number, pipeline):
            text = f" [label={_quoted(edge.text)}]" if edge.text else ""
            lines.append(f"    {edge.begin} -> {edge.end}{text};")
        lines.append("  }")
    return "\n".join([*lines, "}"]) + "\n"


def _quoted(text: str) -> str:
    """Two characters have a meaning in quotes; others that cannot be seen are shown as escapes."""
    escaped = visible(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def mermaid(pipelines: Iterable[Pipeline]) -> str:
    """For pages of Git hosts, which draw it: https://mermaid.js.org/syntax/flowchart.html"""
    lines = ["flowchart LR"]
    for number, pipeline in enumerate(pipelines):
        lines.append(f'  subgraph p{number}["{_coded(pipeline.name)}"]')
        for node in _nodes(number, pipeline):
            box = '(["{}"])' if node.is_round else '["{}"]'
            lines.append(f"    {node.name}{box.format(_coded(node.text))}")
        for edge in _edges(number, pipeline):
            text = f'-- "{_coded(edge.text)}" --' if edge.text else "--"
            lines.append(f"    {edge.begin} {text}> {edge.end}")
        lines.append("  end")
    return "\n".join(lines) + "\n"


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
        yield _Node(f"p{number}i{index}", _tensor(pipeline, name), is_round=True)
    for index, step in enumerate(pipeline.steps):
        yield _Node(f"p{number}s{index}", _words(step))
    for index, name in enumerate(pipeline.outputs):
        yield _Node(f"p{number}o{index}", _tensor(pipeline, name), is_round=True)


def _tensor(pipeline: Pipeline, name: str) -> str:
    tensor = pipeline.tensors.get(name)
    shape = tensor.shape if tensor else ""
    return f"{name} · {shape}" if shape else name


def _words(step: Step) -> str:
    return f"{step.model} · {step.backend}" if step.backend else step.model


def _edges(number: int, pipeline: Pipeline) -> Iterator[_Edge]:
    """From where a tensor is written to everywhere it is read."""
    inputs = {name: f"p{number}i{i}" for i, name in enumerate(pipeline.inputs)}
    outputs = {name: f"p{number}o{i}" for i, name in enumerate(pipeline.outputs)}
    steps = [(f"p{number}s{i}", step) for i, step in enumerate(pipeline.steps)]
    written = {name: node for node, step in steps for name in step.gives}
    for node, step in steps:
        for name in step.takes:
            if name in inputs:
                yield _Edge(inputs[name], node)
            elif name in written:
                yield _Edge(written[name], node, _tensor(pipeline, name))
    for name, node in outputs.items():
        if name in written:
            yield _Edge(written[name], node)
