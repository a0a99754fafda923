"""``python -m sync --data DIR``: the sync agent of one till, started by the app or alone with ``--headless``."""

import argparse
import errno
import logging
import os
import signal
import sys
import threading
from pathlib import Path

import pysqlite3.dbapi2 as sqlite3

from domain.errors import DomainError
from sync import identity as identities
from sync.agent import Agent, Settings
from sync.folder_lock import FolderLock
from sync.pipe import Command, Pipe, command_of
from sync.release import RELEASE
from sync.replica.files import FOLDER

EXIT_FATAL, EXIT_REFUSED = 4, 3
NICE = 5
"""By so many steps the agent gives way to the app: a third of its share of a core that both want."""


def main(arguments: list[str] | None = None) -> int:
    """Runs until the app quits or dies (end of standard input); 3: could not begin, 4: to be started again."""
    options = _options(arguments)
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    pipe = Pipe(sys.stdout)
    directory = Path(options.data)
    try:
        identity = identities.load(directory)
        lock = FolderLock.take(directory / FOLDER / "lock", refusal="sync.agent_running")
        _give_way()
        agent = Agent(Settings(directory, RELEASE), identity, pipe)
    except DomainError as refusal:
        pipe.tell("status", state="stopped", error=refusal.code)
        return EXIT_REFUSED
    except (OSError, sqlite3.Error) as fault:
        logging.getLogger("sync").error("the agent cannot begin: %s", fault)
        pipe.tell("status", state="stopped", error=_storage_code(fault))
        return EXIT_REFUSED
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: threading.Thread(target=agent.stop).start())
    threading.Thread(target=_listen, args=(agent, options.headless), name="commands", daemon=True).start()
    fatal = agent.run()
    lock.release()
    return EXIT_FATAL if fatal else 0


def _give_way() -> None:
    """A scan goes before the feed; before any thread is started, as on Linux each has a priority of its own."""
    if hasattr(os, "nice"):
        os.nice(NICE)


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="evertill-sync", description="Keeps a till and its cloud level.")
    parser.add_argument("--data", required=True, help="the till's data directory")
    parser.add_argument("--headless", action="store_true", help="go on without an app behind standard input")
    return parser.parse_args(arguments)


def _storage_code(fault: Exception) -> str:
    is_full = getattr(fault, "errno", None) == errno.ENOSPC or "disk is full" in str(fault) or "disk I/O" in str(fault)
    return "sync.disk_full" if is_full else "sync.storage"


def _listen(agent: Agent, headless: bool) -> None:
    for line in sys.stdin:
        command = command_of(line)
        if command is not None:
            agent.take(command)
    if not headless:
        agent.take(Command.QUIT)


if __name__ == "__main__":
    sys.exit(main())
