"""Opening the cash drawer without a sale, with a reason, journaled."""

from domain.permissions import Authority


class Drawer:
    """The cash drawer; writes, so on the database worker."""

    def open(self, reason: str, authority: Authority) -> int:
        """Queue a kick of the drawer and journal who and why; gives the job's id; needs OPEN_DRAWER."""
        raise NotImplementedError
