"""The print queue put together over an open till."""

from pos_app.services.printing import PrintQueue
from pos_app.services.receipt_layout import ReceiptLayout
from pos_app.wiring import TillApp


def print_queue(till: TillApp) -> PrintQueue:
    """The queue over a till's print jobs."""
    layout = ReceiptLayout(
        till.receipts, store=till.catalog.store, settings=lambda: till.settings.current, sign=till.identity.sign
    )
    return PrintQueue(till.database, layout, settings=lambda: till.settings.current, clock=till.clock)
