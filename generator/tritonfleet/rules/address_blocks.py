"""Blocks of addresses and ranges of ports in a network policy."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any

from tritonfleet.nouns import Release
from tritonfleet.problem import Problem
from tritonfleet.rules.registry import at, release_rule
from tritonfleet.values import KeyPath, Values, list_at, lookup

Block = IPv4Network | IPv6Network


# Lists of blocks whose form the chart's schema knows.
LISTS = (
    ("service", "loadBalancerSourceRanges"),
    ("networkPolicy", "egress", "to"),
)


@release_rule("TF244", "networkPolicy service ingress")
def blocks_are_of_addresses(release: Release, values: Values) -> Iterator[Problem]:
    """Blocks of addresses and ranges of ports are possible, and hosts have names."""
    for path, peer in _peers(values):
        yield from _wrong_peer(release, path, peer)
    yield from _falling_ranges(release, values)
    for path in LISTS:
        for index, text in enumerate(list_at(values, *path)):
            if text != "internet":
                yield from _wrong_block(release, (*path, index), text)
    yield from _addresses_of_hosts(release, values)


def _wrong_peer(release: Release, path: KeyPath, peer: Any) -> Iterator[Problem]:
    """A peer's block, and the smaller ones that it leaves out."""
    text = lookup(peer, ("ipBlock", "cidr"))
    if text is None:
        return
    yield from _wrong_block(release, (*path, "ipBlock", "cidr"), text)
    for index, inner in enumerate(list_at(peer, "ipBlock", "except")):
        place = (*path, "ipBlock", "except", index)
        yield from _wrong_block(release, place, inner)
        if _is_beside(inner, text):
            message = f"{inner} is no part of {text}"
            hint = "except a smaller block inside of it"
            yield at(release, place, message, hint)


def _addresses_of_hosts(release: Release, values: Values) -> Iterator[Problem]:
    for index, each in enumerate(values["ingress"]["hosts"]):
        host = each.get("host", "")
        if block(f"{host}/32") is not None:
            message = f"{host} is an address, and an Ingress has names of hosts"
            hint = (
                "leave `host` out: the Ingress then takes what the load balancer gets"
            )
            yield at(release, ("ingress", "hosts", index, "host"), message, hint)


def _peers(values: Values) -> Iterator[tuple[KeyPath, Any]]:
    """Who may come, and where the pods may go."""
    incoming = ("networkPolicy", "ingress", "from")
    for index, peer in enumerate(list_at(values, *incoming)):
        yield (*incoming, index), peer
    for path, rule in _extra(values):
        peers = list_at(rule, "to")
        for index, peer in enumerate(peers):
            yield (*path, "to", index), peer


def _extra(values: Values) -> Iterator[tuple[KeyPath, Any]]:
    path = ("networkPolicy", "egress", "extra")
    for index, rule in enumerate(list_at(values, *path)):
        yield (*path, index), rule


def _wrong_block(release: Release, path: KeyPath, text: Any) -> Iterator[Problem]:
    """What is wrong with a text that must be a block of addresses, like 10.9.8.0/24."""
    if block(text) is not None:
        return
    hint = "write an address and a size, like 10.9.8.0/24"
    wide = block(text, strict=False)
    if wide is not None and "/" in str(text):
        hint = f"say {wide}, the block that it is in"
    yield at(release, path, f"{text} is no block of addresses", hint)


def block(text: Any, *, strict: bool = True) -> Block | None:
    """The block that a text means; None where it is none. `strict` wants its first address."""
    if not isinstance(text, str) or (strict and "/" not in text):
        return None
    try:
        return ip_network(text, strict=strict)
    except ValueError:
        return None


def _is_beside(inner: Any, outer: Any) -> bool:
    """Whether one block is not a smaller part of another; False where one of them is none."""
    small = block(inner)
    large = block(outer)
    if small is None or large is None:
        return False
    if isinstance(small, IPv4Network) and isinstance(large, IPv4Network):
        return small == large or not small.subnet_of(large)
    if isinstance(small, IPv6Network) and isinstance(large, IPv6Network):
        return small == large or not small.subnet_of(large)
    return True


def _falling_ranges(release: Release, values: Values) -> Iterator[Problem]:
    """Ranges of ports that end before they begin."""
    for path, rule in _extra(values):
        for index, each in enumerate(list_at(rule, "ports")):
            first = lookup(each, ("port",))
            last = lookup(each, ("endPort",))
            if not isinstance(first, int) or not isinstance(last, int):
                continue
            if last < first:
                message = f"the range ends at {last}, before its first port {first}"
                place = (*path, "ports", index, "endPort")
                yield at(release, place, message, "swap the two")
