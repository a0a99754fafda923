"""The handlers of everything a till does beside selling: who did what, kept for HQ's eyes."""

from typing import Any

import msgspec

from cloud_api.db.sync_tables import ACTIVITY
from cloud_api.services.intake.effects import Effects, Handler, StoredEvent


class Act(msgspec.Struct, frozen=True):
    """What the bodies share; a kind adds the fields it cannot do without."""

    operator_id: str | None = None
    approved_by: str | None = None


class TillEnrolled(Act, frozen=True, kw_only=True):
    """The first entry of a till."""

    store: str
    device: str
    app_ver: str


class CartVoid(Act, frozen=True, kw_only=True):
    """A cart that was given up."""

    cart_id: str
    reason: str
    lines: list[dict[str, Any]]


class DrawerOpen(Act, frozen=True, kw_only=True):
    """The drawer was opened without a sale."""

    reason: str


class Reprint(Act, frozen=True, kw_only=True):
    """A receipt was printed again."""

    receipt_no: str


class SignOn(Act, frozen=True, kw_only=True):
    """Somebody signed on, or a locked-out operator was released."""

    operator_id: str


class SignOnFailed(Act, frozen=True, kw_only=True):
    """A wrong PIN."""

    operator_id: str
    attempts: int


class Lock(Act, frozen=True, kw_only=True):
    """The screen was locked by a key or by idleness."""

    by: str


class SettingsChanged(Act, frozen=True, kw_only=True):
    """A setting of the device was changed."""

    name: str
    before: Any = None
    after: Any = None


class ClockJump(Act, frozen=True, kw_only=True):
    """The till's clock was moved."""

    from_ms: int
    to_ms: int


class ForkAdopted(Act, frozen=True, kw_only=True):
    """The till went on under a new incarnation."""

    old_inc: int
    new_inc: int
    common_seq: int


ACTS: dict[str, type[Act]] = {
    "till_enrolled": TillEnrolled,
    "cart_void": CartVoid,
    "drawer_open": DrawerOpen,
    "reprint": Reprint,
    "sign_on": SignOn,
    "sign_on_released": SignOn,
    "sign_on_failed": SignOnFailed,
    "lock": Lock,
    "settings_changed": SettingsChanged,
    "clock_jump": ClockJump,
    "fork_adopted": ForkAdopted,
}


def activity_handler(body: type[Act]) -> Handler:
    """The handler that checks a body and keeps it as it is."""
    decoder = msgspec.json.Decoder(body)

    def effects(event: StoredEvent) -> Effects:
        act = decoder.decode(event.body)
        row: dict[str, object] = {
            "event_id": event.event_id,
            "store_id": event.store_id,
            "terminal_id": event.terminal_id,
            "kind": event.kind,
            "operator_id": act.operator_id or "",
            "approved_by": act.approved_by or "",
            "at_ms": event.estimated_at_ms,
            "received_at_ms": event.received_at_ms,
            "detail": event.body.decode(),
        }
        return Effects({ACTIVITY: [row]})

    return effects
