"""Open and suspended carts in till.db, each a JSON document with the tenders already taken for it."""

import logging
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import msgspec
import sqlalchemy as sa

from domain.cart import Cart
from domain.ids import CartId, OperatorId
from domain.tender import Tender
from pos_app.db.seals import sealed
from pos_app.db.tables import CART
from pos_app.db.work import Work

_LOG = logging.getLogger(__name__)
_ENCODER = msgspec.json.Encoder()
_CART_DECODER = msgspec.json.Decoder(Cart)
_TENDERS_DECODER = msgspec.json.Decoder(tuple[Tender, ...])

# The cart is written after every scan, beside the painting of it: without the layers above the driver.
_COLUMNS = [column.name for column in CART.columns]
_PUT = f"INSERT OR REPLACE INTO cart ({', '.join(_COLUMNS)}) VALUES (:{', :'.join(_COLUMNS)})"  # noqa: S608 own names
_ALL = sa.select(CART).order_by(CART.c.updated_at_ms, CART.c.cart_id)


class CartState(StrEnum):
    """Whether a cart is on the screen or set aside."""

    OPEN = "open"
    SUSPENDED = "suspended"


@dataclass(frozen=True, slots=True)
class KeptCart:
    """A cart with what belongs to it."""

    cart: Cart
    state: CartState
    operator_id: OperatorId
    updated_at_ms: int
    tenders: tuple[Tender, ...] = ()


class Carts:
    """The carts of till.db."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def put(self, kept: KeptCart) -> None:
        """Write a cart as it is now."""
        row = {
            "cart_id": kept.cart.cart_id,
            "state": kept.state.value,
            "tenders": _ENCODER.encode(kept.tenders),
            "label": kept.cart.label,
            "operator_id": kept.operator_id,
            "updated_at_ms": kept.updated_at_ms,
        }
        document = sealed(_ENCODER.encode(kept.cart), *row.values())
        self._work.raw.execute(_PUT, row | {"json": document})

    def remove(self, cart_id: CartId) -> None:
        """Forget a cart that became a sale or was given up."""
        self._work.raw.execute("DELETE FROM cart WHERE cart_id = ?", (cart_id,))

    def all(self) -> list[KeptCart]:
        """Every cart, oldest first; one that cannot be read stays in the file and is left out."""
        found = (_kept_of(row) for row in self._work.connection.execute(_ALL).mappings())
        return [kept for kept in found if kept is not None]


def _kept_of(row: Any) -> KeptCart | None:
    try:
        cart = _CART_DECODER.decode(row["json"])
        tenders = _TENDERS_DECODER.decode(row["tenders"])
    except msgspec.DecodeError:
        _LOG.exception("cart %s cannot be read", row["cart_id"])
        return None
    return KeptCart(cart, CartState(row["state"]), row["operator_id"], row["updated_at_ms"], tenders)
