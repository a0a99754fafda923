"""Enrolment: a one-time code of HQ binds a key made on this device to a till of a store."""

import base64
from dataclasses import dataclass
from pathlib import Path

import msgspec

from domain.errors import DomainError
from domain.ids import StoreId, TerminalId
from sync.identity import Identity, forget_pending_key, is_enrolled, pending_key, public_key_text, save
from sync.messages import Enrol, Enrolled
from sync.transport import Call, Terminal, Transport


@dataclass(frozen=True, slots=True)
class Device:
    """What HQ shows of the machine behind a till."""

    name: str
    app_ver: str
    ca_file: str | None = None
    """Certificate authorities that may vouch for the cloud, where it is not a public one."""


def enrol(cloud_url: str, code: str, *, directory: Path, device: Device) -> Identity:
    """Asks the cloud for the identity behind ``code`` and keeps it.

    A code typed with spaces, dashes or in lower case is the same code. Safe to repeat after a lost answer: the key was
    kept before it was sent. Raises CloudError; DomainError ``sync.already_enrolled`` where this directory has a till.
    """
    if is_enrolled(directory):
        raise DomainError("sync.already_enrolled")
    key = pending_key(directory)
    wanted = Enrol(code=tidy_code(code), pubkey=public_key_text(key), device=device.name, app_ver=device.app_ver)
    transport = Transport(cloud_url, ca_file=device.ca_file, release=device.app_ver)
    try:
        answer = transport.call(Call("POST", "/v1/enrol", body=msgspec.json.encode(wanted)))
    finally:
        transport.close()
    told = _enrolled(answer.body)
    identity = Identity(
        terminal=TerminalId(told.terminal),
        store=StoreId(told.store),
        store_name_zh=told.store_name_zh,
        store_name_en=told.store_name_en,
        cloud_url=cloud_url.rstrip("/"),
        ca_file=device.ca_file,
        inc=told.inc,
        key=key,
        pepper=base64.b64decode(told.pin_pepper),
    )
    save(directory, identity)
    forget_pending_key(directory)
    return identity


def tidy_code(code: str) -> str:
    """An enrolment code as the cloud knows it."""
    return "".join(sign for sign in code.upper() if sign.isalnum())


def _enrolled(body: bytes) -> Enrolled:
    try:
        return msgspec.json.decode(body, type=Enrolled)
    except msgspec.DecodeError:
        raise Terminal("sync.not_evertill") from None
