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
        return not self.missing and not any(each.problems for each in self.asked)


def smoke_text(found: Sequence[Answered]) -> str:
    """A paragraph for each pod."""
    lines = [line_of_log(line) for each in found for line in _paragraph(each)]
    wrong = sum(not each.is_right for each in found)
    lines.append(f"{len(found)} asked, {wrong} wrong")
    return "\n".join(lines) + "\n"


def _paragraph(found: Answered) -> Iterator[str]:
    title = f"{found.environment}/{found.release}"
    yield f"{title}  pod {found.pod}" if found.pod else title
    if found.missing:
        yield f"  not asked: {found.missing}"
    for each in found.asked:
        word = "wrong" if each.problems else "right"
        yield f"  {each.protocol}  {word}  {'; '.join(each.problems) or each.answer}"
        if each.problems and each.answer:
            yield f"        it answers {each.answer}"
        if each.seconds:
            yield f"        {_latency(each.seconds)}"


def _latency(seconds: Sequence[float]) -> str:
    """Milliseconds: the fastest, half, 95 of 100, and the slowest."""
    ordered = sorted(seconds)
    if len(ordered) == 1:
        return f"1 request: {_milliseconds(ordered[0])}"
    shares = {"half within": 0.5, "95 % within": 0.95}
    words = [f"fastest {_milliseconds(ordered[0])}"]
    for name, share in shares.items():
        words.append(f"{name} {_milliseconds(_quantile(ordered, share))}")
    words.append(f"slowest {_milliseconds(ordered[-1])}")
    return f"{len(ordered)} requests: {', '.join(words)}"


def _quantile(ordered: Sequence[float], share: float) -> float:
    place = int(share * len(ordered))
    return ordered[min(place, len(ordered) - 1)]


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
        "asked": [
            {
                "protocol": each.protocol,
                "problems": [visible(problem) for problem in each.problems],
                "answer": visible(each.answer),
                "milliseconds": [round(one * 1000, 3) for one in each.seconds],
            }
            for each in found.asked
        ],
    }
