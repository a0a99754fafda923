"""``init``, ``backup``, and what follows a restored one."""

import argparse

from cloud_api.cli.speech import say
from cloud_api.cli.wiring import make_private, open_cloud
from cloud_api.db.engine import make_engine
from cloud_api.db.migrate import migrate
from cloud_api.keys import create_master_key, load_keys
from cloud_api.services import backup
from cloud_api.settings import Settings


def init(settings: Settings, _: argparse.Namespace) -> None:
    """Make the data directory, the master key and the tables, or bring older tables forward."""
    make_private(settings)
    create_master_key(settings.master_key_path)
    load_keys(settings.master_key_path)
    settings.make_database_file()
    engine = make_engine(settings.url)
    try:
        before, after = migrate(engine)
    finally:
        engine.dispose()
    say("cli.initialised" if before != after else "cli.initialised_already", revision=after)
    if before is None:
        say("cli.keep_the_key", file=settings.master_key_path)


def back_up(settings: Settings, options: argparse.Namespace) -> None:
    """Copy the database to a file and check it; tills may then forget what it holds."""
    with open_cloud(settings) as cloud:
        backup.back_up(cloud, options.file)
    say("cli.backed_up", file=options.file)


def restored(settings: Settings, _: argparse.Namespace) -> None:
    """Let tills fetch anew and send what the backup does not have."""
    with open_cloud(settings) as cloud:
        feeds = backup.after_restore(cloud)
    say("cli.restored", feeds=feeds)
