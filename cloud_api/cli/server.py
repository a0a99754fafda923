"""``serve``."""

import argparse
import socket

import uvicorn

from cloud_api.cli.speech import say
from cloud_api.cli.wiring import open_cloud
from cloud_api.main import create_app
from cloud_api.settings import Settings

GRACE_S = 2
"""Longer a live channel of a till cannot hold up the end."""


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
