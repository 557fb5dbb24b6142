"""Inputs with a structure: a fleet of real documents, in which up to four things are something else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from random import Random
from typing import Any

from tests.fuzz.drawn import HOSTILE, described, drawn, odd, schema
from tests.fuzz.material import Documents, Files, documents, kind_of
from tritonfleet.yaml import to_yaml

FEW = 4  # entries of a list: what goes wrong, goes wrong with few


def fleet(random: Random) -> Files:
    """The next input."""
    data = documents(random.randrange(10**6))
    _keep_few(random, data)
    for _ in range(random.choice([0, 1, 1, 2, 2, 3, 4])):
        path = random.choice(sorted(data))
        change = random.choice(CHANGES)
        change(random, data, path)
    write = random.choice([_as_json, _as_json, _as_yaml])
    return {path: write(document) for path, document in data.items()}


def _keep_few(random: Random, data: Documents) -> None:
    for path in data:
        models = data[path].get("models")
        if isinstance(models, list) and len(models) > FEW:
            data[path]["models"] = random.sample(models, FEW)


def _add(random: Random, data: Documents, path: str) -> None:
    """A key that the schema knows, with a value that it may describe."""
    whole = schema(kind_of(path))
    mappings = list(described(data[path], whole, whole))
    if not mappings:
        return
    mapping, part = random.choice(mappings)
    key = random.choice(sorted(part["properties"]))
    mapping[key] = drawn(random, part["properties"][key], whole)


def _replace(random: Random, data: Documents, path: str) -> None:
    holder, key = random.choice(places(data[path]))
    holder[key] = odd(random)


def _replace_inside(random: Random, data: Documents, path: str) -> None:
    """A value deep inside, where the schema leaves most to Kubernetes and rules read on."""
    deep = [place for place in places(data[path]) if isinstance(place[0], list)]
    holders = [holder[index] for holder, index in deep if holder[index]]
    if holders:
        holder, key = random.choice(places(random.choice(holders)))
        holder[key] = odd(random)


def _remove(random: Random, data: Documents, path: str) -> None:
    holder, key = random.choice(places(data[path]))
    del holder[key]


def _twice(random: Random, data: Documents, path: str) -> None:
    """An item that is there twice: two entries of one name, two ports of one number."""
    lists = [holder for holder, _ in places(data[path]) if isinstance(holder, list)]
    if lists:
        chosen = random.choice(lists)
        chosen.append(deepcopy(random.choice(chosen)))


def _move(random: Random, data: Documents, path: str) -> None:
    """A value of one place at another one, perhaps of another file."""
    holder, key = random.choice(places(data[random.choice(sorted(data))]))
    there, other = random.choice(places(data[path]))
    there[other] = deepcopy(holder[key])


def _rename(random: Random, data: Documents, path: str) -> None:
    """A key is another one: a typo, or what nobody would call one."""
    mappings = [
        (holder, key) for holder, key in places(data[path]) if isinstance(holder, dict)
    ]
    holder, key = random.choice(mappings)
    name = key[:-1] if random.random() < 0.5 else random.choice(HOSTILE)
    holder[name] = holder.pop(key)


def _second_list(random: Random, data: Documents, path: str) -> None:
    """The same entries once more, in a file of a name that somebody thought of."""
    name = random.choice(["x", "a/b", "é", "x y", "-", "a.b", "x::error::planted"])
    kind = kind_of(path)
    directory = "values/models" if kind == "models" else "values/environments"
    if kind != "fleet":
        data[f"{directory}/{name}.yaml"] = deepcopy(data[path])


CHANGES = (
    *(_add, _add, _add, _replace, _replace, _replace_inside, _replace_inside),
    *(_remove, _twice, _move, _rename, _second_list),
)


def places(data: Any) -> list[tuple[Any, Any]]:
    """Every place in a document: what holds it, and its key or index. A document without any has one key."""
    found = list(_places(data))
    return found or [({"": data}, "")]


def _places(data: Any) -> Iterator[tuple[Any, Any]]:
    pairs: Any = ()
    if isinstance(data, dict):
        pairs = list(data.items())
    elif isinstance(data, list):
        pairs = list(enumerate(data))
    for key, value in pairs:
        yield data, key
        yield from _places(value)


def _as_json(document: Any) -> bytes:
    """JSON is YAML; what cannot be seen is an escape, so that the reader decides about it."""
    return json.dumps(document).encode()


def _as_yaml(document: Any) -> bytes:
    return to_yaml(document).encode("utf-8", "surrogatepass")
