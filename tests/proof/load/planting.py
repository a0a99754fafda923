"""Puts a fault into a chain's cloud: from its next start on, for as long as the ``with`` lasts."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from scripts.demo.cloud import Cloud
from tests.proof.load.planted_cloud import PLANTED


@contextmanager
def planted(cloud: Cloud, fault: str) -> Iterator[None]:
    """Whoever starts the cloud meanwhile starts one with the fault."""
    sound = cloud.server
    os.environ[PLANTED] = fault
    cloud.server = (sys.executable, "-m", "tests.proof.load.planted_cloud")
    try:
        yield
    finally:
        cloud.server = sound
        del os.environ[PLANTED]
