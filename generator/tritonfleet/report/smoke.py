"""What releases answered, as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tritonfleet.smoke import Asked
from tritonfleet.visible import line_of_log, visible

FORMAT = 1


class Answered(NamedTuple):
    """What a pod of a release answered; without a pod, why nobody was asked."""

    environment: str
    release: str
    pod: str
    asked: tuple[Asked, ...]
    missing: str = ""

    @property
    def is_right(self) -> bool:
        """Whether somebody was asked, and everything that came is right."""
        has_problems = any(each.problems for each in self.asked)
        return not self.missing and not has_problems


def smoke_text(found: Sequence[Answered]) -> str:
    """A paragraph for each pod."""
    lines: list[str] = []
    wrong = 0
    for answered in found:
        lines += map(line_of_log, _paragraph(answered))
        if not answered.is_right:
            wrong += 1
    lines.append(f"{len(found)} asked, {wrong} wrong")
    return "\n".join(lines) + "\n"


def _paragraph(found: Answered) -> Iterator[str]:
    """Who was asked, and below it what each of its ports answered."""
    title = f"{found.environment}/{found.release}"
    if found.pod:
        title += f"  pod {found.pod}"
    yield title
    if found.missing:
        yield f"  not asked: {found.missing}"
    for asked in found.asked:
        yield from _answer(asked)


def _answer(asked: Asked) -> Iterator[str]:
    """Whether it is right, and how long it took."""
    if asked.problems:
        problems = "; ".join(asked.problems)
        yield f"  {asked.protocol}  wrong  {problems}"
        if asked.answer:
            yield f"        it answers {asked.answer}"
    else:
        yield f"  {asked.protocol}  right  {asked.answer}"
    if asked.seconds:
        yield f"        {_latency(asked.seconds)}"


def _latency(seconds: Sequence[float]) -> str:
    """Milliseconds: the fastest, half, 95 of 100, and the slowest."""
    ordered = sorted(seconds)
    fastest = _milliseconds(ordered[0])
    slowest = _milliseconds(ordered[-1])
    if len(ordered) == 1:
        return f"1 request: {fastest}"
    half = _milliseconds(_quantile(ordered, 0.5))
    most = _milliseconds(_quantile(ordered, 0.95))
    words = (
        f"fastest {fastest}, half within {half}, 95 % within {most}, slowest {slowest}"
    )
    return f"{len(ordered)} requests: {words}"


def _quantile(ordered: Sequence[float], share: float) -> float:
    """The value that this share of all does not exceed."""
    place = int(share * len(ordered))
    last = len(ordered) - 1
    return ordered[min(place, last)]


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"


def smoke_json(found: Sequence[Answered]) -> str:
    """Everything that came, for programs."""
    answers = [_document(each) for each in found]
    return json.dumps({"version": FORMAT, "answers": answers}, indent=2) + "\n"


def _document(found: Answered) -> dict[str, object]:
    return {
        "environment": found.environment,
        "release": found.release,
        "pod": found.pod,
        "right": found.is_right,
        "missing": visible(found.missing),
        "asked": [_asked(each) for each in found.asked],
    }


def _asked(asked: Asked) -> dict[str, object]:
    milliseconds = [round(each * 1000, 3) for each in asked.seconds]
    return {
        "protocol": asked.protocol,
        "problems": [visible(problem) for problem in asked.problems],
        "answer": visible(asked.answer),
        "milliseconds": milliseconds,
    }
