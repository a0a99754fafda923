"""Putting one process together from its settings."""

from cloud_api.clock import SystemClock
from cloud_api.context import Cloud
from cloud_api.db.engine import make_engine
from cloud_api.keys import load_keys
from cloud_api.settings import Settings
from cloud_api.wake import Wake
from domain.clock import Clock


def make_cloud(settings: Settings, *, clock: Clock | None = None) -> Cloud:
    """The wiring of one process; MasterKeyUnreadable where ``init`` was not run."""
    return Cloud(
        settings=settings,
        engine=make_engine(settings.url),
        clock=clock or SystemClock(),
        keys=load_keys(settings.master_key_path),
        wake=Wake(),
    )
