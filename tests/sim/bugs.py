"""Bugs to plant: each a small change of the product's own code that some promise has to notice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.sim import cloud_bugs, scenes, till_bugs
from tests.sim.fixed import patched

if TYPE_CHECKING:
    from tests.sim.world import World

Patch = tuple[Any, Mapping[str, Any]]


@dataclass(frozen=True)
class Bug:
    """``patches`` are (module or class, new attributes); ``stress`` are likelier acts and ``odds`` worse
    requests, so that it shows sooner."""

    name: str
    patches: Callable[[World], list[Patch]]
    stress: Mapping[str, float] = field(default_factory=dict)
    odds: Mapping[str, float] = field(default_factory=dict)
    scene: scenes.Scene | None = None

    def plant(self, world: World) -> AbstractContextManager[None]:
        """The bug is there for a while."""
        return _planted(self.patches(world))


@contextmanager
def _planted(patches: list[Patch]) -> Iterator[None]:
    if not patches:
        yield
        return
    (target, values), *rest = patches
    with patched(target, **values), _planted(rest):
        yield


COPIES = {"clone": 1.5, "save_image": 2.5, "restore_image": 3, "restore_till_db": 1, "sell": 25, "up": 45, "listen": 40}
COPIES |= {"price": 1, "item": 0.5, "barcode": 0.5, "number": 3, "apply": 3, "snapshot": 0.5, "down": 6}
RESTORES = {"back_up": 5, "restore_cloud": 4, "prune": 5}
SNAPSHOTS = {"snapshot": 14, "lose_replica": 6}
LATE = {"late_commit": 14, "item": 14, "barcode": 6, "number": 20}
DEATHS = {"sell": 40, "cut": 0.3}
PAGES = {"price": 16, "item": 8, "number": 18, "down": 16}

BUGS: dict[str, Bug] = {
    bug.name: bug
    for bug in (
        # The feed: numbering, pages, snapshots.
        Bug("one_counter_for_all_feeds", cloud_bugs.one_counter_for_all_feeds, PAGES),
        Bug("transaction_split_over_groups", cloud_bugs.transaction_split_over_groups, PAGES),
        Bug("tail_told_as_sealed", cloud_bugs.tail_told_as_sealed, PAGES),
        Bug("page_overlaps_the_one_before", cloud_bugs.page_overlaps_the_one_before, PAGES),
        Bug("torn_snapshot", cloud_bugs.torn_snapshot, PAGES | {"snapshot": 10}),
        Bug("late_commit_lost", cloud_bugs.late_commit_lost, LATE),
        Bug("trim_without_410", cloud_bugs.trim_without_410, PAGES | {"snapshot": 12, "clean": 10, "pass_time": 5}),
        Bug("epoch_kept_after_restore", cloud_bugs.epoch_kept_after_restore, PAGES | RESTORES, scene=scenes.old_cloud),
        Bug("deletion_not_published", cloud_bugs.deletion_not_published, {"withdraw_price": 6}),
        # The till's side of it.
        Bug("page_without_epoch", till_bugs.page_without_epoch, PAGES, {"stale": 0.5}, scene=scenes.old_cloud),
        Bug("hole_accepted", till_bugs.hole_accepted, PAGES, {"stale": 0.5}),
        Bug("cursor_first", till_bugs.cursor_first, PAGES),
        Bug("rows_before_cursor", till_bugs.rows_before_cursor, PAGES),
        Bug("trust_head", till_bugs.trust_head, PAGES),
        Bug("known_page_forever", till_bugs.known_page_forever, PAGES),
        Bug(
            "any_snapshot_will_do",
            till_bugs.any_snapshot_will_do,
            PAGES | SNAPSHOTS,
            {"stale": 0.5},
            scene=scenes.mixed_up_snapshots,
        ),
        Bug("pointer_before_file", till_bugs.pointer_before_file, PAGES | SNAPSHOTS),
        Bug("known_change_refused", till_bugs.known_change_refused, PAGES),
        Bug("old_bucket_stays", till_bugs.old_bucket_stays, {"zone": 5}),
        Bug("revoked_keeps_rows", till_bugs.revoked_keeps_rows, {"revoke": 3}),
        # Up: numbers, hashes, forks.
        Bug("batch_beyond_tip", till_bugs.batch_beyond_tip, {"sell": 30, "up": 30, "sale_between": 0.8}),
        Bug("ack_without_hash", till_bugs.ack_without_hash, COPIES, scene=scenes.old_database),
        Bug("prune_by_stored", till_bugs.prune_by_stored, RESTORES, scene=scenes.old_cloud),
        Bug(
            "fork_from_common",
            till_bugs.fork_from_common,
            COPIES | {"clone": 0, "back_up": 0.1},
            scene=scenes.old_disk_then_old_cloud,
        ),
        Bug("fork_drops_unsent", till_bugs.fork_drops_unsent, COPIES, scene=scenes.old_disk),
        Bug(
            "stale_hello_accepted",
            till_bugs.stale_hello_accepted,
            COPIES | {"down": 30},
            scene=scenes.hello_before_the_fork,
        ),
        Bug("receipts_start_anew", till_bugs.receipts_start_anew, COPIES, scene=scenes.twins),
        Bug("journal_apart_from_sale", till_bugs.journal_apart_from_sale, DEATHS, scene=scenes.stocked),
        Bug("sale_apart_from_journal", till_bugs.sale_apart_from_journal, DEATHS, scene=scenes.stocked),
        Bug("durable_is_stored", cloud_bugs.durable_is_stored, {"prune": 6}),
        Bug(
            "gap_accepted", cloud_bugs.gap_accepted, RESTORES | {"late_request": 12, "sell": 20}, scene=scenes.old_cloud
        ),
        Bug("ack_before_commit", cloud_bugs.ack_before_commit, {"up": 20}),
        Bug("no_dedupe", cloud_bugs.no_dedupe, COPIES, scene=scenes.old_disk),
        Bug("effect_apart_from_state", cloud_bugs.effect_apart_from_state, {"apply": 20}),
        Bug("held_stops_the_rest", cloud_bugs.held_stops_the_rest, {"record": 6}),
        Bug("held_kept_from_cloud", cloud_bugs.held_kept_from_cloud, {"record": 6}),
        Bug(
            "incarnation_given_twice",
            cloud_bugs.incarnation_given_twice,
            COPIES | {"restore_image": 8},
            scene=scenes.twins_meet_at_once,
        ),
        Bug(
            "incarnations_forgotten",
            cloud_bugs.incarnations_forgotten,
            COPIES | RESTORES,
            scene=scenes.old_cloud_between_twins,
        ),
    )
}

CAUGHT_BY: dict[str, tuple[str, ...]] = {
    "one_counter_for_all_feeds": ("I2",),
    "transaction_split_over_groups": ("I11",),
    "tail_told_as_sealed": ("I9",),
    "page_overlaps_the_one_before": ("I2", "I9"),
    "torn_snapshot": ("I10",),
    "late_commit_lost": ("L1",),
    "trim_without_410": ("L1",),
    "epoch_kept_after_restore": ("I8",),
    "deletion_not_published": ("L1",),
    "page_without_epoch": ("I1",),
    "hole_accepted": ("I1",),
    "cursor_first": ("I1", "I11"),
    "rows_before_cursor": ("I1", "I11"),
    "trust_head": ("I1",),
    "known_page_forever": ("L1",),
    "any_snapshot_will_do": ("I1", "I10", "L1"),
    "pointer_before_file": ("no step of the agent fails by itself",),
    "known_change_refused": ("I10",),
    "old_bucket_stays": ("L1",),
    "revoked_keeps_rows": ("L1",),
    "batch_beyond_tip": ("a healthy till does not fork",),
    "ack_without_hash": ("L2",),
    "prune_by_stored": ("I7",),
    "fork_from_common": ("I7",),
    "fork_drops_unsent": ("I7",),
    "stale_hello_accepted": ("a healthy till does not fork",),
    "receipts_start_anew": ("I15", "I16"),
    "journal_apart_from_sale": ("a sale is whole or not at all",),
    "sale_apart_from_journal": ("a sale is whole or not at all",),
    "durable_is_stored": ("I7",),
    "gap_accepted": ("I2", "L2"),
    "ack_before_commit": ("L2",),
    "no_dedupe": ("I3",),
    "effect_apart_from_state": ("I3",),
    "held_stops_the_rest": ("L3",),
    "held_kept_from_cloud": ("L3",),
    "incarnation_given_twice": ("I16",),
    "incarnations_forgotten": ("I16",),
}
"""The promises that have to notice each of them: what any other one says is a false alarm."""

SEEDS: dict[str, int] = {
    "batch_beyond_tip": 11,
    "effect_apart_from_state": 8,
    "pointer_before_file": 2,
    "trim_without_410": 10,
}
"""The first seed to try, where it is not 1: one of which it is known that it shows the bug."""
