"""The wiring of a command: the cloud without its web server, and one act on it."""

from collections.abc import Iterator
from contextlib import contextmanager

from cloud_api.cli.speech import say
from cloud_api.context import Cloud
from cloud_api.db.revision import is_current
from cloud_api.problems import ApiProblem
from cloud_api.services.act import Act
from cloud_api.settings import Settings
from cloud_api.wiring import make_cloud

WHO = "command line"
"""Who the audit log names for what is done on the machine itself."""


def make_private(settings: Settings) -> None:
    """Make the data folder one for this account alone, and say what that took or why it is not so."""
    rights = settings.make_data_dir()
    if rights is not None:
        say(f"cli.data_{rights}", folder=settings.data_dir.absolute())


@contextmanager
def open_cloud(settings: Settings) -> Iterator[Cloud]:
    """The cloud of the settings; refuses a database that is not of this version."""
    cloud = make_cloud(settings)
    try:
        if not is_current(cloud.engine):
            raise ApiProblem(503, "cloud.not_initialised")
        yield cloud
    finally:
        cloud.engine.dispose()


@contextmanager
def acting(settings: Settings) -> Iterator[Act]:
    """One act that is committed unless something is refused."""
    with open_cloud(settings) as cloud, cloud.unit_of_work() as uow:
        yield Act(uow, WHO, cloud.keys, cloud.settings)
        uow.commit()
