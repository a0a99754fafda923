"""``python -m tests.proof.security.scan_fuzzer SECONDS``: texts that coverage leads ever deeper into the parsers."""

from __future__ import annotations

import sys
from importlib import import_module

import atheris

with atheris.instrument_imports(include=["domain", "biip"]):
    inputs = import_module("tests.proof.security.scan_inputs")


def one_text(data: bytes) -> None:
    text = atheris.FuzzedDataProvider(data).ConsumeUnicode(len(data))
    took_ms = inputs.cpu_ms(lambda: inputs.meanings(text))
    # Instrumented code is several times slower than the real one.
    assert took_ms < 4 * inputs.HANG_MS, f"{took_ms} ms"


if __name__ == "__main__":
    atheris.Setup([sys.argv[0], f"-max_total_time={sys.argv[1]}", "-seed=20261122", "-max_len=12000"], one_text)
    atheris.Fuzz()
