"""What Leidraad is made of: every installed package it needs, with version and licence, read from their own metadata.

Two forms: a list of licences for people, and a software bill of materials in CycloneDX 1.6 JSON for machines.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Iterable
from importlib.metadata import Distribution, PackageNotFoundError, distribution

from packaging.requirements import InvalidRequirement, Requirement

from indexer.models import Frozen

ROOT_PACKAGE = "leidraad"
_UNKNOWN = "unknown"
_CLASSIFIER = "License :: "
_LONGEST = 60


class Part(Frozen):
    """One installed package. `licence` is an SPDX expression where the package gives one, else its own words."""

    name: str
    version: str
    licence: str
    spdx: bool
    homepage: str = ""
    needs: tuple[str, ...] = ()


def parts(root: str = ROOT_PACKAGE) -> tuple[Part, ...]:
    """The root package and all it needs here, directly or not, by name. What is not installed here is not listed."""
    found: dict[str, Part] = {}
    waiting: list[tuple[str, frozenset[str]]] = [(root, frozenset())]
    done: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        name, extras = waiting.pop()
        if (_key(name), extras) in done:
            continue
        done.add((_key(name), extras))
        try:
            package = distribution(name)
        except PackageNotFoundError:
            continue
        needed = list(_needed(package.requires or (), extras))
        waiting += needed
        before = found.get(_key(name))
        needs = {_key(need) for need, _ in needed} | set(before.needs if before else ())
        found[_key(name)] = _part(package, needs)
    return tuple(
        part.model_copy(update={"needs": tuple(need for need in part.needs if need in found)})
        for _, part in sorted(found.items())
    )


def _needed(requires: Iterable[str], extras: frozenset[str]) -> Iterable[tuple[str, frozenset[str]]]:
    for text in requires:
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            continue
        wanted = [{"extra": extra} for extra in ("", *extras)]
        if requirement.marker is None or any(requirement.marker.evaluate(environment) for environment in wanted):
            yield requirement.name, frozenset(requirement.extras)


def _part(package: Distribution, needs: set[str]) -> Part:
    told = package.metadata
    expression = _said(package, "License-Expression")
    return Part(
        name=str(told["Name"]),
        version=package.version,
        licence=expression or _in_own_words(package),
        spdx=bool(expression),
        homepage=_said(package, "Home-page"),
        needs=tuple(sorted(needs)),
    )


def _in_own_words(package: Distribution) -> str:
    """The licence as classifiers name it, else the first line of the free field; 'unknown' where neither is there."""
    told = package.metadata
    named = [line.rpartition(" :: ")[2] for line in told.get_all("Classifier") or () if line.startswith(_CLASSIFIER)]
    specific = [name for name in named if name != "OSI Approved"]
    if specific:
        return ", ".join(dict.fromkeys(specific))
    free = _said(package, "License").splitlines()
    return free[0].strip()[:_LONGEST] if free else _UNKNOWN


def _said(package: Distribution, field: str) -> str:
    """A field of the metadata; empty where it is not there."""
    values = package.metadata.get_all(field) or [""]
    return str(values[0]).strip()


def licences(known: Iterable[Part]) -> dict[str, list[Part]]:
    """Packages by licence, the licence with most packages first."""
    groups: dict[str, list[Part]] = {}
    for part in known:
        groups.setdefault(part.licence, []).append(part)
    return dict(sorted(groups.items(), key=lambda item: (-len(item[1]), item[0])))


def bill_of_materials(known: Iterable[Part]) -> dict[str, object]:
    """A CycloneDX 1.6 document. It is the same for the same packages: it holds no time, and its number follows them."""
    listed = sorted(known, key=lambda part: _key(part.name))
    root = next(part for part in listed if _key(part.name) == ROOT_PACKAGE)
    stamp = hashlib.sha256("\n".join(_purl(part) for part in listed).encode()).digest()
    by_key = {_key(part.name): part for part in listed}
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.UUID(bytes=stamp[:16], version=4)}",
        "version": 1,
        "metadata": {"component": _component(root, "application")},
        "components": [_component(part, "library") for part in listed if part is not root],
        "dependencies": [
            {"ref": _purl(part), "dependsOn": sorted(_purl(by_key[need]) for need in part.needs)} for part in listed
        ],
    }


def _component(part: Part, kind: str) -> dict[str, object]:
    licence = [{"expression": part.licence}] if part.spdx else [{"license": {"name": part.licence}}]
    component: dict[str, object] = {
        "type": kind,
        "bom-ref": _purl(part),
        "name": part.name,
        "version": part.version,
        "purl": _purl(part),
        "licenses": licence,
    }
    if part.homepage.startswith("https://"):
        component["externalReferences"] = [{"type": "website", "url": part.homepage}]
    return component


def _purl(part: Part) -> str:
    return f"pkg:pypi/{_key(part.name)}@{part.version}"


def _key(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
