"""``init`` and ``serve``, ``backup`` and what follows a restored one."""

import argparse
import socket
from pathlib import Path

import uvicorn

from cloud_api.cli.speech import say
from cloud_api.cli.wiring import Commands, open_cloud
from cloud_api.db.engine import make_engine
from cloud_api.db.migrate import migrate
from cloud_api.keys import create_master_key, load_keys
from cloud_api.main import create_app
from cloud_api.services import backup
from cloud_api.settings import Settings

GRACE_S = 2
"""Longer a live channel of a till cannot hold up the end."""


def add_commands(commands: Commands, shared: argparse.ArgumentParser) -> None:
    """init, serve, backup, restored."""
    parser = commands.add_parser("init", parents=[shared], help="建库或升级 create or upgrade the database")
    parser.set_defaults(run=init)
    parser = commands.add_parser("serve", parents=[shared], help="启动 start the server")
    parser.add_argument("--host", default="127.0.0.1", help="监听地址 address to listen on")
    parser.add_argument("--port", type=int, default=8443, help="端口，0=任意 port, 0 = any free one")
    parser.add_argument("--tls-cert", help="证书 PEM certificate chain")
    parser.add_argument("--tls-key", help="私钥 PEM private key")
    parser.add_argument("--docs", action="store_true", default=None, help="开放 /docs serve /docs and /openapi.json")
    parser.set_defaults(run=serve)
    parser = commands.add_parser("backup", parents=[shared], help="备份并检查 back up and check")
    parser.add_argument("file", type=Path)
    parser.set_defaults(run=back_up)
    parser = commands.add_parser(
        "restored", parents=[shared], help="从备份恢复后运行一次 run once after restoring a backup"
    )
    parser.set_defaults(run=restored)


def init(settings: Settings, _: argparse.Namespace) -> None:
    """Make the data directory, the master key and the tables, or bring older tables forward."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    create_master_key(settings.master_key_path)
    load_keys(settings.master_key_path)
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


def serve(settings: Settings, options: argparse.Namespace) -> None:
    """Serve until told to stop."""
    settings = settings.with_changes(docs=options.docs)
    with open_cloud(settings):
        pass  # says what is missing before anything listens
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    listener = socket.create_server((options.host, options.port), family=family)
    config = uvicorn.Config(
        create_app(settings),
        access_log=False,
        server_header=False,
        proxy_headers=False,
        log_config=None,
        ssl_certfile=options.tls_cert,
        ssl_keyfile=options.tls_key,
        timeout_graceful_shutdown=GRACE_S,
    )
    scheme = "https" if options.tls_cert else "http"
    host = f"[{options.host}]" if family == socket.AF_INET6 else options.host
    say("cli.serving", url=f"{scheme}://{host}:{listener.getsockname()[1]}")
    with listener:
        uvicorn.Server(config).run(sockets=[listener])
