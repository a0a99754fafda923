"""The up loop's one step: look at the journal, send what the cloud has not confirmed, take in what it says."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field

import msgspec

from domain.ids import TerminalId
from sync import upload
from sync.client import CloudClient
from sync.identity import Identity
from sync.journal import Entry, Tip, anchor_bytes
from sync.journal_reader import JournalReader
from sync.messages import Fork, Hello, UpAck
from sync.pipe import Pipe
from sync.replica.writer import Replica
from sync.status import State, StatusBoard
from sync.transport import Terminal
from sync.upload import Confirmed, Limits, Verdict

LINGER_S = 0.05
"""After a batch the next acts of the cashier are gathered for so long."""
IDLE_S = 5.0
"""The journal is looked at this often even if nobody says there is something new."""
AGAIN_S = 0.0
_TOO_LARGE_STATUS, _TOO_LARGE = 413, "up.too_large"


class NoProgress(Exception):
    """The cloud took nothing of a batch: the same again only after a pause."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Entries of an incarnation behind ``after_seq``, worded and signed; perhaps none."""

    inc: int
    after_seq: int
    last_seq: int
    body: bytes


@dataclass(slots=True)
class Uploader:
    """Sends the journal; everything it must remember is in the replica, so that a kill costs nothing."""

    identity: Identity
    client: CloudClient
    journal: JournalReader
    replica: Replica
    status: StatusBoard
    pipe: Pipe
    limits: Limits = field(default_factory=Limits)
    want_inc: bool = False
    forked_to: int = 0
    """The incarnation that the app was told to adopt; until it has, nothing is sent."""
    goal: int = 0
    heard: deque[Hello] = field(default_factory=deque)
    """What the down loop heard from the cloud, for the next step to judge."""
    helper: Executor = field(default_factory=lambda: ThreadPoolExecutor(1, "next-batch"))
    """Makes the next batch while the cloud stores the last."""
    ahead: Batch | None = None

    def step(self) -> float:
        """One request at most; returns how long to wait for news of the journal before the next step."""
        tip = self.journal.tip()
        if tip is None or tip.incarnation < self.forked_to:
            return IDLE_S
        if self.forked_to:
            self._fork_adopted()
        while self.heard:
            hello = self.heard.popleft()
            self._take(upload.judge_hello(hello.ack, tip, epoch_up=hello.epoch_up, hash_at=self._hash_at(tip)))
        confirmed = self.replica.ack(tip.incarnation)
        if confirmed is None:
            return self._begin(tip)
        self.want_inc = self.want_inc or self._diverged(confirmed, tip)
        unsent = upload.unsent(tip, confirmed)
        self.status.update(unsent=unsent)
        if not unsent and not self.want_inc:
            self._all_sent()
            return IDLE_S
        self._show_progress(unsent)
        return self._send(tip, confirmed)

    def _begin(self, tip: Tip) -> float:
        """Nothing is known of this incarnation: a whole journal is sent, of a pruned one the cloud's word is asked."""
        nothing = upload.nothing_confirmed(tip.incarnation)
        if self.want_inc or self._diverged(nothing, tip):
            return self._exchange(tip, nothing, batch=self._worded(tip, [], after_seq=0))
        self.replica.save_ack(nothing)
        return AGAIN_S

    def _send(self, tip: Tip, confirmed: Confirmed) -> float:
        if self.want_inc:
            return self._exchange(tip, confirmed, batch=self._worded(tip, [], after_seq=confirmed.seq))
        return self._exchange(tip, confirmed, batch=self._next(tip, confirmed))

    def _exchange(self, tip: Tip, confirmed: Confirmed, *, batch: Batch) -> float:
        try:
            with self._making_next(tip, batch):
                answer = self.client.up(batch.body)
        except Terminal as refusal:
            if refusal.code != _TOO_LARGE and refusal.status != _TOO_LARGE_STATUS:
                raise
            if self.limits == self.limits.halved():
                raise
            self.limits = self.limits.halved()
            return AGAIN_S
        if isinstance(answer, Fork):
            self._forked(answer, confirmed)
            return IDLE_S
        self._acknowledged(answer, tip)
        if batch.last_seq > batch.after_seq and not self.want_inc and answer.seq <= confirmed.seq:
            raise NoProgress
        return AGAIN_S if self.want_inc or answer.seq < tip.seq else LINGER_S

    @contextmanager
    def _making_next(self, tip: Tip, batch: Batch) -> Iterator[None]:
        """While a batch is on its way the one behind it is made, by the only thread that reads the journal then."""
        if not batch.after_seq < batch.last_seq < tip.seq:
            yield
            return
        following = self.helper.submit(self._made, tip, batch.last_seq)
        try:
            yield
        finally:
            wait([following])
        self.ahead = following.result()

    def _next(self, tip: Tip, confirmed: Confirmed) -> Batch:
        """What is behind the confirmed: made ahead where the last answer was the expected one."""
        ahead, self.ahead = self.ahead, None
        if ahead is not None and (ahead.inc, ahead.after_seq) == (tip.incarnation, confirmed.seq):
            return ahead
        return self._made(tip, confirmed.seq)

    def _made(self, tip: Tip, after_seq: int) -> Batch:
        limits = self.limits
        entries = self.journal.after(tip, seq=after_seq, limit=limits.events, max_bytes=limits.bytes)
        return self._worded(tip, entries, after_seq=after_seq)

    def _worded(self, tip: Tip, entries: list[Entry], *, after_seq: int) -> Batch:
        terminal = TerminalId(self.identity.terminal)
        signature = self.identity.signature(anchor_bytes(terminal, upload.anchor(tip, entries)))
        message = upload.request(tip, entries, terminal=terminal, signature=signature, want_inc=self.want_inc)
        last_seq = entries[-1].seq if entries else after_seq
        return Batch(tip.incarnation, after_seq, last_seq, msgspec.json.encode(message))

    def _acknowledged(self, answer: UpAck, tip: Tip) -> None:
        self._take(upload.judge(answer, tip, hash_at=self._hash_at(tip)))
        held = tuple((one.seq, one.code) for one in answer.held)
        self.status.update(held=len(held), held_entries=held, unsent=max(0, tip.seq - answer.seq))

    def _take(self, judged: upload.Judged) -> None:
        if judged.verdict is Verdict.WANT_INCARNATION:
            self.want_inc = True
        elif judged.verdict is Verdict.GO_ON and judged.confirmed != self.replica.ack(judged.confirmed.inc):
            self.replica.save_ack(judged.confirmed)

    def _forked(self, fork: Fork, confirmed: Confirmed) -> None:
        """Tells the app, which alone writes the journal, to go on under the new incarnation."""
        common_seq = upload.common_seq(confirmed, fork.common)
        self.forked_to, self.want_inc = fork.new_inc, False
        self.replica.save_state({"fork_new_inc": fork.new_inc, "fork_common_seq": common_seq})
        self.status.update(special=State.FORKED, sending=None)
        self.pipe.tell("fork", new_inc=fork.new_inc, common_seq=common_seq)

    def _fork_adopted(self) -> None:
        self.forked_to = 0
        self.replica.save_state({"fork_new_inc": 0})
        self.status.update(special=None)

    def _diverged(self, confirmed: Confirmed, tip: Tip) -> bool:
        return upload.diverged(confirmed, tip, hash_at=self._hash_at(tip))

    def _hash_at(self, tip: Tip) -> upload.HashAt:
        return lambda seq: self.journal.hash_at(tip.incarnation, seq=seq)

    def _show_progress(self, unsent: int) -> None:
        self.goal = max(self.goal, unsent)
        if self.goal > 1:
            self.status.update(sending={"done": self.goal - unsent, "total": self.goal})

    def _all_sent(self) -> None:
        self.goal = 0
        self.limits = Limits()
        self.status.update(sending=None)
