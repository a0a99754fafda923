"""``serve``."""

import argparse
import errno
import gc
import socket

import uvicorn

from cloud_api.cli.speech import say
from cloud_api.cli.tls import check_tls, has_ended
from cloud_api.cli.wiring import make_private, open_cloud
from cloud_api.main import create_app
from cloud_api.problems import ApiProblem
from cloud_api.settings import Settings

PORT_MAX = 65_535
GRACE_S = 2
"""Longer a live channel of a till cannot hold up the end."""


def serve(settings: Settings, options: argparse.Namespace) -> None:
    """Serve until told to stop."""
    settings = settings.with_changes(docs=options.docs)
    with open_cloud(settings):
        pass  # says what is missing before anything listens
    make_private(settings)
    end = check_tls(options.tls_cert, options.tls_key)
    if end is not None and has_ended(end):
        say("cli.tls_ended", file=options.tls_cert, day=end.date().isoformat())
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    listener = _listen(options.host, options.port, family=family)
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
    config.load()
    _settle()
    with listener:
        uvicorn.Server(config).run(sockets=[listener])


def _settle() -> None:
    """What is loaded by now stays for good: collections that need not look at it are short, and come before much
    garbage has gathered, as Python puts off a full one until the objects have become a quarter more."""
    gc.collect()
    gc.freeze()
    gc.collect()  # counts anew what is left, by which the next one is timed


def _listen(host: str, port: int, *, family: socket.AddressFamily) -> socket.socket:
    """The socket to serve on; ApiProblem where another program has the port or there is no such address."""
    if not 0 <= port <= PORT_MAX:
        raise ApiProblem(500, "cloud.cannot_listen", host=host, port=port)
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        code = "cloud.port_taken" if error.errno == errno.EADDRINUSE else "cloud.cannot_listen"
        raise ApiProblem(500, code, host=host, port=port) from error
