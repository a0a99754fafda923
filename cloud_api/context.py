"""What every request and every background job of one cloud process works with."""

from dataclasses import dataclass
from typing import Protocol

import sqlalchemy as sa
from starlette.requests import HTTPConnection

from cloud_api.db.unit_of_work import UnitOfWork
from cloud_api.keys import Keys
from cloud_api.settings import Settings
from domain.clock import Clock


class WakeSignal(Protocol):
    """Tells the sequencer that something was committed."""

    def set(self) -> None:
        """Wake it."""
        ...


@dataclass(frozen=True, slots=True)
class Cloud:
    """The wiring of one process; made once by ``main.create_app`` or by the command line."""

    settings: Settings
    engine: sa.Engine
    clock: Clock
    keys: Keys
    wake: WakeSignal

    def unit_of_work(self) -> UnitOfWork:
        """One write act at this moment."""
        return UnitOfWork(self.engine, now_ms=self.clock.now_ms(), on_commit=self.wake.set)


def the_cloud(request: HTTPConnection) -> Cloud:
    """The wiring behind a request; for ``Depends``."""
    cloud: Cloud = request.app.state.cloud
    return cloud
