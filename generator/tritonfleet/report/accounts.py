"""Whom Flux acts as in environments, and what to tell where it has all the rights of its controllers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tritonfleet.nouns import Environment

MOST = 5  # names in the line


def advice(environments: Iterable[Environment]) -> str:
    """One line on how such environments get an account and keep their releases; "" where there is no such one.

    The account must be there before a HelmRelease names it, so the bootstrap file comes before the push.
    """
    names = [each.name for each in environments if _has_all_rights(each)]
    if not names:
        return ""
    where = ", ".join(names[:MOST])
    more = len(names) - MOST
    if more > 0:
        where += f" and {more} more"
    return (
        f"note: Flux has all rights of its controllers in {where}. For an account of its own:"
        " 1. set `gitops.flux.serviceAccountName`; 2. `tritonfleet generate`; 3. apply the bootstrap file;"
        " 4. commit and push. No pod restarts."
    )


def account(environment: Environment) -> Iterator[str]:
    """One line on whose rights Flux has for the releases; none where another engine installs them."""
    if environment.engine == "flux":
        name = environment.gitops.flux.service_account_name
        whom = "its own controllers, with all their rights"
        if name:
            whom = f"ServiceAccount {name}"
        yield f"Flux acts as {whom}"


def _has_all_rights(environment: Environment) -> bool:
    is_with_flux = environment.engine == "flux"
    return is_with_flux and not environment.gitops.flux.service_account_name
