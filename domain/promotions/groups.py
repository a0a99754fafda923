"""Which rules go together: groups of rules, in each of which the best one counts or all add up."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from domain.errors import DomainError


class GroupMode(StrEnum):
    """What a group lets through."""

    BEST = "best"
    """At most one of its rules and inner groups (互斥组)."""
    ALL = "all"
    """All of them add up (叠加组)."""


@dataclass(frozen=True, slots=True)
class RuleGroup:
    """A group of rules, perhaps within another one: a best-of may choose between one rule and several that add up."""

    group_id: str
    mode: GroupMode = GroupMode.BEST
    within: str = ""


Path = tuple[tuple[str, bool], ...]
"""The groups of a rule from the outermost inwards, each with whether only its best counts."""


def group_paths(groups: Iterable[RuleGroup]) -> dict[str, Path]:
    """The path of each group; raises where groups hold each other or one that is not there."""
    known = {group.group_id: group for group in groups}
    return {group_id: _path(group_id, known) for group_id in known}


def _path(group_id: str, known: dict[str, RuleGroup]) -> Path:
    path: list[tuple[str, bool]] = []
    at = group_id
    while at:
        if at not in known:
            raise DomainError("rules.group_unknown", group_id=at)
        if any(at == seen for seen, _ in path):
            raise DomainError("rules.groups_in_circle", group_id=at)
        path.append((at, known[at].mode is GroupMode.BEST))
        at = known[at].within
    return tuple(reversed(path))


def keep_apart(one: Path, other: Path) -> bool:
    """Whether rules on these paths exclude each other: the innermost group that holds both takes only its best."""
    apart = False
    for (group, is_best), (other_group, _) in zip(one, other, strict=False):
        if group != other_group:
            break
        apart = is_best
    return apart
