"""Bugs to plant."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.sim.world import World


@dataclass(frozen=True)
class Bug:
    """A bug."""

    name: str
    plant: Callable[[World], AbstractContextManager[None]]
    stress: Mapping[str, float] = field(default_factory=dict)


BUGS: dict[str, Bug] = {}
