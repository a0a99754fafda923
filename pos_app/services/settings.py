"""The device settings of this till, kept in till.db, each change journaled without secrets."""

from domain.permissions import Authority
from pos_app.settings import DeviceSettings


class Settings:
    """Reading is from memory; ``save`` writes, so on the database worker."""

    @property
    def current(self) -> DeviceSettings:
        """What is set now."""
        raise NotImplementedError

    def save(self, settings: DeviceSettings, authority: Authority | None = None) -> DeviceSettings:
        """Keep new settings and journal what changed.

        Screen settings may be changed by anybody, the others need CHANGE_SETTINGS once the wizard is done.
        """
        raise NotImplementedError
