"""``evertill-cloud`` with a fault planted in it: ``python -m tests.proof.load.planted_cloud serve …``.

The environment variable ``EVERTILL_PLANTED`` names the fault; a proof that does not find it proves nothing.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from itertools import count

from cloud_api.cli.parser import main
from cloud_api.errors import ApiProblem
from cloud_api.services.intake.desk import Desk
from cloud_api.services.terminals.directory import Known
from sync.messages import Fork, Up, UpAck

PLANTED = "EVERTILL_PLANTED"
LEAK_BYTES = 512 * 1024
SLOW_S = 0.6
TURNED_AWAY, COME_BACK_MS = 20, 1_000
_KEPT: list[bytearray] = []
_NUMBERS = count()
_receive = Desk.receive


def _leaking(desk: Desk, up: Up, known: Known) -> UpAck | Fork:
    """Keep half a megabyte of each upload, and an open file."""
    _KEPT.append(bytearray(os.urandom(LEAK_BYTES)))
    os.open(os.devnull, os.O_RDONLY)
    return _receive(desk, up, known)


def _slow(desk: Desk, up: Up, known: Known) -> UpAck | Fork:
    """Take its time."""
    time.sleep(SLOW_S)
    return _receive(desk, up, known)


def _turning_away(desk: Desk, up: Up, known: Known) -> UpAck | Fork:
    """Send the first ones away, with the time to come back."""
    if next(_NUMBERS) < TURNED_AWAY:
        raise ApiProblem(503, "cloud.busy", retry_after_ms=COME_BACK_MS)
    return _receive(desk, up, known)


FAULTS: dict[str, Callable[[Desk, Up, Known], UpAck | Fork]] = {
    "leak": _leaking,
    "slow": _slow,
    "turn_away": _turning_away,
}

if __name__ == "__main__":
    Desk.receive = FAULTS[os.environ[PLANTED]]  # type: ignore[method-assign,assignment]
    sys.exit(main())
