"""Bugs of the till's side, as patches of sync and pos_app."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec

import pos_app.services.checkout
import sync.bootstrap
import sync.downloader
from domain.ids import receipt_number
from pos_app.db.replica import CatalogReads
from pos_app.db.sales import Sales
from pos_app.services.checkout import SaleWriter
from sync import feed, journal_store, snapshot, upload
from sync.client import CloudClient
from sync.downloader import Downloader
from sync.feed import BadPage, Cursor, News
from sync.journal import Entry, Tip
from sync.messages import Ack, BucketHead, Common, Group, Page
from sync.replica import apply, search
from sync.replica.apply import apply_groups
from sync.replica.install import assemble
from sync.replica.store import write_cursor
from sync.replica.writer import Replica
from sync.upload import Confirmed
from tests.sim.faults import DEATH_ODDS, Killed

if TYPE_CHECKING:
    from tests.sim.bugs import Patch
    from tests.sim.world import World


def _die_now_and_then(world: World) -> None:
    """The process ends between the two halves of what ought to be one."""
    if world.has_faults and world.rng.random() < DEATH_ODDS:
        raise Killed


def _trusting(page: Page, cursor: Cursor) -> News:
    """A page taken at its word."""
    groups = [msgspec.json.decode(raw, type=Group) for raw in page.groups]
    fresh = tuple(group for group in groups if group.s > cursor.seq)
    if not fresh:
        return News((), cursor)
    page_from = page.last + 1 if page.sealed else cursor.page_from
    return News(fresh, Cursor(cursor.epoch, fresh[-1].s, page.hash, page_from))


def page_without_epoch(_: World) -> list[Patch]:
    """Whatever comes is taken for a page of this life of this bucket."""

    def read_page(page: Page, cursor: Cursor, *, bucket: str) -> News:
        if page.b != bucket or page.first > cursor.seq + 1:
            raise BadPage("feed.hole")
        return _trusting(page, cursor)

    return [(feed, {"read_page": read_page})]


def hole_accepted(_: World) -> list[Patch]:
    """A page further on is taken though groups before it are missing."""

    def read_page(page: Page, cursor: Cursor, *, bucket: str) -> News:
        if (page.b, page.epoch) != (bucket, cursor.epoch):
            raise BadPage("feed.other_bucket")
        return _trusting(page, cursor)

    return [(feed, {"read_page": read_page})]


def cursor_first(world: World) -> list[Patch]:
    """The cursor is stored before the rows it stands for."""

    def apply(self: Replica, bucket: str, news: News) -> Any:
        with self._transaction() as conn:
            write_cursor(conn, bucket, cursor=news.cursor)
        _die_now_and_then(world)
        with self._transaction() as conn:
            applied = apply_groups(conn, bucket, groups=news.groups)
            search.refresh(conn, applied.tables.get("item", []))
            return applied

    return [(Replica, {"apply": apply})]


def rows_before_cursor(world: World) -> list[Patch]:
    """The rows are there before their cursor is."""

    def apply(self: Replica, bucket: str, news: News) -> Any:
        with self._transaction() as conn:
            applied = apply_groups(conn, bucket, groups=news.groups)
        _die_now_and_then(world)
        with self._transaction() as conn:
            write_cursor(conn, bucket, cursor=news.cursor)
        return applied

    return [(Replica, {"apply": apply})]


def trust_head(_: World) -> list[Patch]:
    """The cursor goes where the cloud said the head is."""
    page_up = Downloader._page_up

    def believe(self: Downloader, bucket: str, head: BucketHead) -> None:
        page_up(self, bucket, head)
        cursor = self.replica.cursors().get(bucket)
        if cursor is not None and self.uploader.heard:
            announced = self.uploader.heard[-1].buckets
            seq = max([one.head for one in announced if one.b == bucket], default=0)
            with self.replica._transaction() as conn:
                write_cursor(conn, bucket, cursor=replace(cursor, seq=max(seq + 1, cursor.seq)))

    return [(Downloader, {"_page_up": believe})]


def known_page_forever(_: World) -> list[Patch]:
    """The page that the cursor knows is asked for again and again, though the stream has led beyond it."""
    page = CloudClient.page

    def same(self: CloudClient, bucket: str, cursor: Cursor, *, fresh: bool = False) -> Page:
        return page(self, bucket, replace(cursor, seq=cursor.page_from - 1), fresh=fresh)

    return [(CloudClient, {"page": same})]


def any_snapshot_will_do(_: World) -> list[Patch]:
    """A downloaded file is not looked at."""
    blind = {"is_right_file": lambda *_a, **_o: True, "check_snapshot": lambda *_a, **_o: None}
    return [(sync.bootstrap, blind)]


def pointer_before_file(_: World) -> list[Patch]:
    """The pointer names the new file before it is whole."""
    go_live = Replica.go_live
    replicas: list[Replica] = []

    def begin_install(self: Replica) -> Any:
        replicas.append(self)
        return self._files.next_path()

    def early(target: Any, *args: Any, **options: Any) -> None:
        target.touch()
        replicas[-1]._files.flip(target)
        assemble(target, *args, **options)

    return [(Replica, {"begin_install": begin_install, "go_live": go_live}), (sync.bootstrap, {"assemble": early})]


def old_bucket_stays(_: World) -> list[Patch]:
    """A bucket that is no longer subscribed to keeps its rows."""
    plan = snapshot.plan_rebuild

    def keeping(cursors: Any, heads: Any, **options: Any) -> Any:
        due = plan(cursors, heads, **options)
        if due is None or not heads:
            return due
        gone = [name for name in cursors if name not in {head.b for head in heads}]
        return replace(due, keep=(*due.keep, *gone))

    return [(sync.downloader, {"plan_rebuild": keeping})]


def revoked_keeps_rows(_: World) -> list[Patch]:
    """A revoked till keeps what the cloud said."""
    return [(Downloader, {"_rest": lambda _self, _hello: None})]


def batch_beyond_tip(_: World) -> list[Patch]:
    """A batch holds what was sold after the tip was read."""

    def entries_after(conn: Any, upto: Tip, *, seq: int, limit: int, max_bytes: int) -> list[Entry]:
        del max_bytes
        return list(journal_store.iterate(conn, upto.incarnation, after_seq=seq, limit=limit))

    return [(journal_store, {"entries_after": entries_after})]


def ack_without_hash(_: World) -> list[Patch]:
    """A number is believed, whatever hash it comes with."""
    return [(upload, {"diverged": lambda _confirmed, _tip, *, hash_at: False})]


def prune_by_stored(_: World) -> list[Patch]:
    """The till forgets what is stored, though no backup has it."""
    acked = CatalogReads.acked

    def stored(self: CatalogReads, inc: int) -> tuple[int, int]:
        seq, _durable = acked(self, inc)
        return seq, seq

    return [(CatalogReads, {"acked": stored})]


def fork_from_common(_: World) -> list[Patch]:
    """After a fork what the cloud has is not sent again, though it may lose it."""

    def common_seq(confirmed: Confirmed, common: Common) -> int:
        return common.seq if common.inc == confirmed.inc else 0

    return [(upload, {"common_seq": common_seq})]


def fork_drops_unsent(_: World) -> list[Patch]:
    """After a fork only what is new is sent."""

    def adopt(conn: Any, new_inc: int, *, common_seq: int) -> int:
        del common_seq
        end = journal_store.tip(conn)
        return carry(conn, new_inc, common_seq=end.seq)

    carry = journal_store.adopt_fork
    return [(journal_store, {"adopt_fork": adopt})]


def stale_hello_accepted(_: World) -> list[Patch]:
    """Hello's word is taken for one about the present incarnation."""

    def judge_hello(ack: Ack, tip: Tip, *, epoch_up: str, hash_at: upload.HashAt) -> upload.Judged:
        told = Confirmed(tip.incarnation, ack.seq, ack.hash, ack.durable, epoch_up)
        return upload._judge(told, tip, hash_at=hash_at)

    return [(upload, {"judge_hello": judge_hello})]


def receipts_start_anew(_: World) -> list[Patch]:
    """The receipt's number leaves the incarnation out."""
    return [(pos_app.services.checkout, {"receipt_number": lambda terminal, _inc, n: receipt_number(terminal, 1, n)})]


def journal_apart_from_sale(world: World) -> list[Patch]:
    """A sale is committed before its entry is, and the till may end between the two."""
    write = SaleWriter.write

    def parted(self: SaleWriter, uow: Any, payment: Any, **how: Any) -> Any:
        done = write(self, uow, payment, **how)
        newest = "SELECT inc, seq, journal.* FROM journal ORDER BY inc DESC, seq DESC LIMIT 1"
        inc, seq, *entry = uow.raw.execute(newest).fetchone()
        uow.raw.execute("DELETE FROM journal WHERE inc = ? AND seq = ?", (inc, seq))
        _commit_half(world, uow.raw)
        uow.raw.execute(f"INSERT INTO journal VALUES ({', '.join('?' * len(entry))})", entry)
        return done

    return [(SaleWriter, {"write": parted})]


def sale_apart_from_journal(world: World) -> list[Patch]:
    """An entry is committed before its sale is, and the till may end between the two."""
    add = Sales.add

    def later(self: Sales, sale: Any, cart_id: Any, *, entry: Entry) -> None:
        _commit_half(world, self._work.raw)
        add(self, sale, cart_id, entry=entry)

    return [(Sales, {"add": later})]


def _commit_half(world: World, raw: Any) -> None:
    raw.commit()
    if world.is_app_dying:
        raise Killed
    raw.execute("BEGIN IMMEDIATE")


def known_change_refused(_: World) -> list[Patch]:
    """A change that is there already is taken for damage."""
    write = apply._write

    def strict(conn: Any, spec: Any, *, changes: Any, applied: apply.Applied) -> None:
        write(conn, spec, changes=changes, applied=applied)
        if applied.stale:
            raise BadPage("feed.bad_change")

    return [(apply, {"_write": strict})]
