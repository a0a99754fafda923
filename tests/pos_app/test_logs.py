"""Logs: they turn over, and nothing secret gets into them (S7)."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from pos_app import logs
from pos_app.logs import redact, start_logging, stop_logging


@pytest.mark.parametrize(
    "secret",
    [
        "pin=482913",
        "PIN: 482913",
        "'pepper': 'b64secret=='",
        "Authorization: Bearer eyJhbGciOi",
        "token=abc.def",
        "password='hunter2'",
        "130123456789012345",
        "2812345678901234",
        "6212345678901234567",
        "88123456789012345678",
        "P1" + "ABCDEFGH234567" * 10,
        "R1" + "ABCDEFGH234567" * 3,
        "13812342210",
        "+8613812342210",
    ],
)
def test_a_secret_leaves_its_kind_and_no_more(secret: str) -> None:
    cleaned = redact(f"before {secret} after")
    assert "***" in cleaned
    assert not any(word in cleaned for word in ("482913", "b64secret", "eyJ", "abc.def", "hunter2", "1234", "ABCDEFGH"))
    assert cleaned.startswith("before ")


@pytest.mark.parametrize(
    "harmless",
    [
        "sale 01a2041f-c8a4-76aa-ac66-a45d44f0a518 0102-2A-000183",
        "cart.price_missing S000123 6901234567892",
        "5B87A19E27C4D2B589B9CF6851252E4B at 1793701320000 ms",
    ],
)
def test_what_support_needs_stays(harmless: str) -> None:
    assert redact(harmless) == harmless


def test_a_log_turns_over_and_stays_within_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "FILE_BYTES_MAX", 5000)
    handler = start_logging(tmp_path)
    try:
        for number in range(400):
            logging.getLogger("pos_app.x").warning("line %d pin=482913 %s", number, "x" * 100)
        try:
            raise ValueError("pin=482913")
        except ValueError:
            logging.getLogger("pos_app.x").exception("y" * 20_000)
    finally:
        stop_logging(handler)
    files = list(tmp_path.iterdir())
    assert len(files) == logs.FILES_KEPT + 1
    text = "".join(path.read_text(encoding="utf-8") for path in files)
    assert "482913" not in text
    assert max(map(len, text.splitlines())) <= logs.LINE_CHARACTERS_MAX
    assert handler not in logging.getLogger().handlers
