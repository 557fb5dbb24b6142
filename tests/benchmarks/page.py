"""How long a browser takes for the page of 1,000 models in three environments: python -m tests.benchmarks.page.

The time is from asking for the file until a search in it has been answered and painted. What is compared with is
measured in the same run: the same table without style and script, from asking for it until it has been painted.
"""

from __future__ import annotations

import re
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks import synthetic
from tests.generator.fleets import checked
from tests.page.browser import Browser, chromium, seconds_to_paint, seconds_to_search
from tritonfleet.overview import overview
from tritonfleet.report.page import page

TIMES = 11


def main() -> None:
    """Prints the table of docs/performance.md as Markdown."""
    with tempfile.TemporaryDirectory() as directory, chromium() as browser:
        root = Path(directory)
        text = page(overview(checked(synthetic.build(root / "fleet", 1000))))
        whole, bare = root / "page.html", root / "bare.html"
        whole.write_text(text, encoding="utf-8")
        bare.write_text(bare_table(text), encoding="utf-8")
        rows = {
            f"the page, {_size(whole)}: a search is answered": _median(
                seconds_to_search, browser, whole
            ),
            f"limit: its table alone, {_size(bare)}, is painted": _median(
                seconds_to_paint, browser, bare
            ),
        }
    print("| Chromium, 1,000 models × 3 | |\n|---|---:|")
    for name, seconds in rows.items():
        print(f"| {name} | {seconds:.2f} s |")


def bare_table(text: str) -> str:
    """A page without its style and its scripts."""
    return re.sub(r"<(style|script).*?</\1>", "", text, flags=re.DOTALL)


def _size(path: Path) -> str:
    return f"{path.stat().st_size / 1e6:.1f} MB"


def _median(
    measure: Callable[[Browser, str], float], browser: Browser, path: Path
) -> float:
    return statistics.median(measure(browser, path.as_uri()) for _ in range(TIMES))


if __name__ == "__main__":
    main()
