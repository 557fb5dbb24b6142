"""The exit codes of every command."""

from __future__ import annotations

from tritonfleet.problem import ERROR, Invalid

FINE = 0
FINDINGS = 1  # differences, or warnings that were made to fail
INVALID = 2  # input or usage
BROKEN = 3  # something is missing, or the program is at fault


def severity(invalid: Invalid) -> int:
    """Errors are invalid input; warnings that `--strict` made fail are findings."""
    severities = [problem.severity for problem in invalid.problems]
    return INVALID if ERROR in severities else FINDINGS
