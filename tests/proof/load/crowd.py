"""Tills without a process each: real keys, real tokens, journals sealed by the product's own code."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa
import uuid_utils
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cloud_api.cli.wiring import open_cloud
from cloud_api.db.bulk import insert_rows
from cloud_api.db.engine import writing
from cloud_api.db.master_tables import TERMINAL
from cloud_api.settings import Settings
from domain.ids import TerminalId
from pos_app.wiring import open_till
from sync import identity
from sync.identity import Identity, public_key_text
from sync.journal import GENESIS, Entry, Tip, seal
from tests.bench.chain import STORE, AgentProcess, Chain
from tests.bench.repeated_sale import repeated, sell

LINES = 5
FIRST_NUMBER = 1_000


@dataclass
class Member:
    """One till of the crowd and the journal that it has to send."""

    who: Identity
    entries: list[Entry]

    @property
    def tip(self) -> Tip:
        """Where its journal ends."""
        last = self.entries[-1] if self.entries else None
        return Tip(1, last.seq, last.hash) if last else Tip(1, 0, GENESIS)


@dataclass
class Casting:
    """A till that sold once by the product's own checkout, whose sale the others sell again."""

    chain: Chain
    first: Identity
    sold: Entry
    made: int = 0

    def crowd(self, tills: int, *, sales: int) -> list[Member]:
        """So many new tills that the cloud knows, each with so many sales that it does not."""
        first = FIRST_NUMBER + self.made
        self.made += tills
        people = [
            replace(self.first, terminal=TerminalId(f"{STORE}-{number}"), key=Ed25519PrivateKey.generate())
            for number in range(first, first + tills)
        ]
        self._enrol(people, first)
        return [Member(who, sealed(who, self.sold, sales)) for who in people]

    def _enrol(self, people: Sequence[Identity], first: int) -> None:
        settings = Settings(self.chain.cloud.folder, self.chain.cloud.database_url)
        with open_cloud(settings) as cloud, writing(cloud.engine) as connection:
            query = sa.select(TERMINAL).where(TERMINAL.c.terminal_id == self.first.terminal)
            row = connection.execute(query).mappings().one()
            rows = [
                {**row, "terminal_id": who.terminal, "number": number, "pubkey": public_key_text(who.key)}
                for number, who in enumerate(people, first)
            ]
            insert_rows(connection, TERMINAL, rows=rows)


def casting(chain: Chain) -> Casting:
    """Enrol a till, let its agent fetch the goods, sell five lines."""
    directory = chain.new_till()
    with AgentProcess(directory) as agent:
        agent.wait_until_level()
    till = open_till(directory)
    try:
        last = sell(chain, till, lines=LINES)
    finally:
        till.close()
    return Casting(chain, identity.load(directory), last)


def sealed(who: Identity, sold: Entry, count: int) -> list[Entry]:
    """A journal of so many sales like that one, under this till's name and numbers."""
    entries: list[Entry] = []
    end = Tip(1, 0, GENESIS)
    body = json.loads(sold.fact.body)
    for number in range(1, count + 1):
        body["sale"] |= {
            "sale_id": str(uuid_utils.uuid7()),
            "receipt_no": f"{who.terminal}-1-{number}",
            "terminal_id": who.terminal,
        }
        entries.append(seal(end, repeated(sold.fact, number, body=body), terminal=who.terminal))
        end = Tip(1, number, entries[-1].hash)
    return entries
