"""The certificate and key that ``serve`` is given, looked at before anything listens."""

import ssl
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509

from cloud_api.problems import ApiProblem


def check_tls(cert: str | None, key: str | None) -> datetime | None:
    """When the certificate ends, None without TLS; ApiProblem where the files are not to be served with."""
    if cert is None:
        if key is not None:
            raise ApiProblem(500, "cloud.tls_incomplete", file=key)
        return None
    for file in filter(None, (cert, key)):
        try:
            Path(file).read_bytes()
        except OSError as error:
            raise ApiProblem(500, "cloud.tls_unreadable", file=file) from error
    try:
        # Without a password of its own OpenSSL would ask for one, and the server would hang where nobody sits.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(cert, key, password="")
        return x509.load_pem_x509_certificates(Path(cert).read_bytes())[0].not_valid_after_utc
    except (ssl.SSLError, ValueError) as error:
        raise ApiProblem(500, "cloud.tls_broken", cert=cert, key=key or cert) from error


def has_ended(end: datetime) -> bool:
    """Whether a certificate that is good until then is of no use any more."""
    return end <= datetime.now(UTC)
