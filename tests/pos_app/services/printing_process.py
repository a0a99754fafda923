"""A process that works off the print queue of a directory until it is killed: ``python -m … DIR ADDRESS``."""

import sys
import time
from pathlib import Path

from tests.pos_app.services.printing_till import PrintingTill


def main(directory: str, address: str) -> None:
    """Say "ready", then print what is due."""
    till = PrintingTill(Path(directory), address)
    print("ready", flush=True)
    while True:
        if till.queue.run_once() is None:
            time.sleep(0.001)


if __name__ == "__main__":
    main(*sys.argv[1:])
