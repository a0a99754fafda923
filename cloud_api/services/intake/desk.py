"""The intake's desk: takes a batch from the door to the database and words the answer."""

import threading
from collections import OrderedDict
from collections.abc import Callable

from sqlalchemy.exc import IntegrityError

from cloud_api.context import Cloud
from cloud_api.errors import ApiProblem
from cloud_api.services.intake.group_commit import GroupCommit, Outcome
from cloud_api.services.intake.ingest import Arrival, Stored, damage_digest
from cloud_api.services.intake.right_of_way import RightOfWay
from cloud_api.services.intake.streams import Streams
from cloud_api.services.terminals.directory import Known
from cloud_api.services.terminals.presence import Presence, Seen
from cloud_api.services.terminals.tokens import is_signed
from domain.ids import TerminalId
from sync.journal import Tip, anchor_bytes
from sync.messages import UP_EVENTS_MAX, Event, Fork, Up, UpAck

DAMAGED_KEPT_MAX = 1_000
_WORD_MAX = 128
_HASH_DIGITS = 64
_INTEGER_MAX = 2**63


class Desk:
    """Receives uploads; one a process."""

    def __init__(self, cloud: Cloud, streams: Streams, *, presence: Presence, on_stored: Callable[[], None]) -> None:
        self._cloud = cloud
        self._streams = streams
        self._presence = presence
        self._on_stored = on_stored
        self._commits = GroupCommit(cloud.engine)
        self.right_of_way = RightOfWay()
        self._damaged: OrderedDict[str, None] = OrderedDict()
        self._lock = threading.Lock()

    def receive(self, up: Up, known: Known) -> UpAck | Fork:
        """Store a batch of this till and acknowledge it; committed before it is answered."""
        check(up, known)
        now_ms = self._cloud.clock.now_ms()
        with self._lock:
            seen_before = frozenset(self._damaged)
        with self.right_of_way.taken():
            outcome, epoch = self._store(Arrival(up, known, now_ms, seen_before))
            if isinstance(outcome, Stored):
                self._note(up, outcome)
        self._presence.note(up.terminal, Seen(now_ms, tip_inc=up.inc, tip_seq=up.tip.seq))
        if isinstance(outcome, Fork):
            return outcome
        stream = outcome.stream
        return UpAck(
            epoch_up=epoch,
            seq=stream.last_seq,
            hash=stream.last_hash,
            durable=stream.durable_seq,
            applied=stream.applied_seq,
            held=outcome.held,
            server_time=now_ms,
        )

    def _store(self, arrival: Arrival) -> Outcome:
        try:
            return self._commits.store(arrival)
        except IntegrityError:
            # The same entries arrived at this moment under another incarnation: now they are known.
            return self._commits.store(arrival)

    def _note(self, up: Up, outcome: Stored) -> None:
        self._streams.note(up.terminal, inc=up.inc, stream=outcome.stream)
        if outcome.damaged is not None:
            with self._lock:
                self._damaged[damage_digest(outcome.damaged)] = None
                while len(self._damaged) > DAMAGED_KEPT_MAX:
                    self._damaged.popitem(last=False)
        if outcome.fresh:
            if outcome.stream.last_seq < up.tip.seq:
                self.right_of_way.keep()
            self._on_stored()


def check(up: Up, known: Known) -> None:
    """ApiProblem where a batch is not what a till sends: another's name, too many, unstorable words, no signature."""
    if up.terminal != known.terminal_id:
        raise ApiProblem(403, "terminal.other")
    if len(up.ev) > UP_EVENTS_MAX:
        raise ApiProblem(413, "up.too_large")
    if not 1 <= up.inc < _INTEGER_MAX or not 0 <= up.tip.seq < _INTEGER_MAX:
        raise ApiProblem(400, "request.malformed")
    if not all(map(_is_storable, up.ev)):
        raise ApiProblem(400, "request.malformed")
    last = Tip(up.inc, up.ev[-1].s, up.ev[-1].hash) if up.ev else Tip(up.inc, up.tip.seq, up.tip.hash)
    if not is_signed(known.pubkey or "", up.sig, anchor_bytes(TerminalId(up.terminal), last)):
        raise ApiProblem(400, "up.bad_signature")


def _is_storable(event: Event) -> bool:
    """Whether the header, which only programs write, fits the columns of both databases."""
    words = (event.id, event.ty, event.boot)
    numbers = (event.s, event.v, event.at, event.est, event.off, event.mono)
    return (
        event.s >= 1
        and all(0 < len(word) <= _WORD_MAX and word.isprintable() for word in words)
        and len(event.prev) == len(event.hash) == _HASH_DIGITS
        and event.prev.isalnum()
        and event.hash.isalnum()
        and all(-_INTEGER_MAX < number < _INTEGER_MAX for number in numbers)
    )
