"""Which showers a file holds, and from which ones its methods learned."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .tables import Integers

_SALT = np.uint64(0x6169_7273_686F_7765)
_OLD_KEYS = ("network_simulation_seeds", "front_simulation_seeds", "simulation_seeds")


@dataclass(frozen=True)
class Lineage:
    """The simulations of a file, and those from which its methods learned.

    A simulation is named `seed N`, or `corsika`. Two simulations of one seed have the same
    showers.
    """

    simulations: frozenset[str]
    learned: frozenset[str]

    @property
    def shared(self) -> frozenset[str]:
        """Simulations of the file from which one of its methods learned."""
        return self.simulations & self.learned


def file_lineage(stored: str, provenance: Sequence[dict[str, Any]]) -> Lineage:
    """The lineage of a file.

    Args:
        stored: attribute LINEAGE, or "" in files before format 1.4.
        provenance: steps of the file, from which that of older files follows.
    """
    if stored:
        content = json.loads(stored)
        learned = [name for names in content.get("learned", {}).values() for name in names]
        return Lineage(_names(content.get("simulations", [])), _names(learned))
    held: set[str] = set()
    learned_seeds: set[str] = set()
    for step in provenance:
        settings = step.get("settings", {})
        if step.get("activity") == "simulate":
            held.add("corsika" if "corsika_showers" in settings else f"seed {step.get('seed')}")
        if "learned" in step and step["learned"] is not None:
            learned_from = [each for values in step["learned"].values() for each in values]
            learned_seeds.update(_names(learned_from))
            continue
        for key in _OLD_KEYS:
            seeds: list[str] = settings.get(key, "").split(",")
            learned_seeds.update(s if s == "corsika" else f"seed {s}" for s in seeds if s)
    return Lineage(frozenset(held), frozenset(learned_seeds))


def _names(simulations: Iterable[dict[str, Any]]) -> frozenset[str]:
    return frozenset(
        f"seed {each['parametric']['seed']}" if "parametric" in each else "corsika"
        for each in simulations
    )


def split(shower_id: Integers) -> npt.NDArray[np.int8]:
    """The split of showers: 0 training (80 %), 1 validation (10 %), 2 test (10 %).

    It is a hash of the shower's number (SplitMix64), so it is the same in every file.

    Args:
        shower_id: numbers of showers, any shape.
    """
    with np.errstate(over="ignore"):
        z = np.asarray(shower_id, np.int64).astype(np.uint64) ^ _SALT
        z = z + np.uint64(0x9E37_79B9_7F4A_7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58_476D_1CE4_E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D0_49BB_1331_11EB)
        z = z ^ (z >> np.uint64(31))
    tenth = z % np.uint64(10)
    return np.where(tenth == 8, 1, np.where(tenth == 9, 2, 0)).astype(np.int8)
