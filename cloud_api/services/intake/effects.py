"""What applying an entry means: rows to add and cases to open, made by one handler per kind and version."""

from collections.abc import Callable
from dataclasses import dataclass, field

import sqlalchemy as sa

from cloud_api.services.intake.cases import Case


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An entry as the applier meets it, with the store its till belongs to."""

    n: int
    event_id: str
    terminal_id: str
    inc: int
    seq: int
    tries: int
    kind: str
    version: int
    at_ms: int
    estimated_at_ms: int
    boot_id: str
    received_at_ms: int
    hash: str
    body: bytes
    store_id: str
    price_zone: str

    def case(self, kind: str, *, amount_minor: int = 0, sale_id: str = "", **params: object) -> Case:
        """A case of this entry, one of a kind."""
        return Case(
            kind=kind,
            dedupe_key=f"{kind}:{self.event_id}",
            store_id=self.store_id,
            terminal_id=self.terminal_id,
            event_id=self.event_id,
            sale_id=sale_id,
            amount_minor=amount_minor,
            params=params,
        )


@dataclass(frozen=True, slots=True)
class PricedLine:
    """What a sale charged for a line by the catalogue's price, for the comparison with the cloud's own."""

    item_id: int
    unit_price_minor: int
    quantity_thousandths: int


@dataclass(frozen=True, slots=True)
class Effects:
    """Insert-only rows by table, cases, and the lines whose prices are to be compared."""

    rows: dict[sa.Table, list[dict[str, object]]]
    cases: list[Case] = field(default_factory=list)
    priced_lines: list[PricedLine] = field(default_factory=list)
    sale_id: str = ""
    is_promoted: bool = False
    """Whether a rule book had a part in it, so that it is to be priced again."""


Handler = Callable[[StoredEvent], Effects]
