"""The headers that keep a browser from doing more with an answer than it should."""

from starlette.datastructures import MutableHeaders

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}
"""Each is only a default: a page may set a policy of its own, and what any cache may keep says so itself."""
ONLY_BY_TLS = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}
"""Said over plain HTTP it would be worth nothing (RFC 6797, 7.2)."""


def guard(headers: MutableHeaders, *, by_tls: bool) -> None:
    """Add what the answer does not say itself."""
    for name, value in (HEADERS | (ONLY_BY_TLS if by_tls else {})).items():
        headers.setdefault(name, value)
