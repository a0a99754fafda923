"""HTTP to the cloud through one requests session: deadlines, TLS, compression, and errors sorted by what helps.

Tree::

    CloudError(code, **params)       a DomainError: its words are in the catalogue
    ├── Retryable(retry_after_ms)    the network or the cloud failed: the same request again later
    ├── Terminal(status)             the same request will not work, however often it is sent
    └── Revoked                      the cloud does not let this till have anything any more

A transport belongs to one thread.
"""

import contextlib
import ssl
import time
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import msgspec
import requests
import requests.adapters
import requests.auth
import urllib3
import zstandard

from domain.errors import DomainError
from resources.texts import has_error
from sync.messages import Problem
from sync.release import RELEASE, user_agent

CONNECT_S = 3.05
READ_S = 10
TOTAL_S = 60
"""A whole answer; a server that drips bytes is given up then."""
ANSWER_BYTES_MAX = 64_000_000
COMPRESS_FROM_BYTES = 1024
_CHUNK_BYTES = 65_536
_CERTIFICATE_CODES = {  # by OpenSSL's X509_V_ERR numbers
    9: "sync.certificate_not_yet_valid",
    10: "sync.certificate_expired",
    62: "sync.wrong_server",
    64: "sync.wrong_server",
}
_NO_CONNECTION = (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError)
"""Refused, or swallowed on the way: nobody has heard of the request."""
_BAD_ADDRESS = (
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    urllib3.exceptions.LocationParseError,
    UnicodeError,
)


class CloudError(DomainError):
    """Something between this till and its cloud; ``code`` says what."""


class Retryable(CloudError):
    """Try the same again, not before ``retry_after_ms``."""

    def __init__(self, code: str, *, retry_after_ms: int = 0, **params: object) -> None:
        super().__init__(code, **params)
        self.retry_after_ms = retry_after_ms


class Terminal(CloudError):
    """Repeating does not help; ``status`` is the HTTP status where there was one."""

    def __init__(self, code: str, *, status: int = 0, server_time_ms: int = 0, **params: object) -> None:
        super().__init__(code, **params)
        self.status, self.server_time_ms = status, server_time_ms


class Revoked(CloudError):
    """HQ took this till out of service."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request; ``accept`` are the error statuses whose bodies are answers (409 of an upload)."""

    method: str
    path: str
    body: bytes | None = None
    token: str | None = None
    accept: tuple[int, ...] = ()
    read_s: float = READ_S
    headers: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and plain body of what came back."""

    status: int
    body: bytes


class _Bearer(requests.auth.AuthBase):
    """Sets the token, or nothing; being set at all it keeps requests from reading ~/.netrc."""

    def __init__(self, token: str | None) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._token is not None:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class Transport:
    """Requests to one cloud, each naming the release; ``ca_file`` pins who may sign the cloud's certificate."""

    def __init__(self, cloud_url: str, *, ca_file: str | None = None, release: str = RELEASE) -> None:
        if not _is_address(cloud_url):
            raise Terminal("sync.url_wrong")
        self._base = cloud_url.rstrip("/") + "/"
        self._session = requests.Session()
        self._verify = ca_file or True  # given with each request: the environment beats what a session holds
        accepted = "application/json, application/problem+json"
        self._session.headers.update({"User-Agent": user_agent(release), "Accept": accepted})

    def close(self) -> None:
        """Gives the connections back."""
        self._session.close()

    def url(self, path: str) -> str:
        """The full address of a path of the cloud; an absolute address stays."""
        return path if "://" in path else urljoin(self._base, path.lstrip("/"))

    def is_own(self, url: str) -> bool:
        """Whether an address is the cloud itself, so that the token may go there."""
        return urlsplit(url)[:2] == urlsplit(self._base)[:2]

    @contextmanager
    def _told_of_ca_file(self) -> Iterator[None]:
        """A certificate file that is none sounds like a failed handshake."""
        try:
            yield
        except Retryable as failure:
            if failure.code == "sync.tls_failed" and isinstance(self._verify, str) and not _holds_certs(self._verify):
                raise Terminal("sync.ca_file_unreadable") from failure
            raise

    def call(self, call: Call) -> Answer:
        """Sends, reads the whole answer, and raises what is no answer."""
        with self.open(call) as response:
            return Answer(response.status, response.read_all(TOTAL_S))

    def open(self, call: Call) -> "Response":
        """Sends and returns when the headers are there; errors are raised as in ``call``."""
        headers = {"Accept-Encoding": "zstd, gzip", **(call.headers or {})}
        body = call.body
        if body is not None:
            headers["Content-Type"] = "application/json"
            if len(body) >= COMPRESS_FROM_BYTES:
                body, headers["Content-Encoding"] = zstandard.compress(body, 1), "zstd"
        url = self.url(call.path)
        with self._told_of_ca_file(), translated_errors():
            raw = self._session.request(
                call.method,
                url,
                data=body,
                headers=headers,
                auth=_Bearer(call.token if self.is_own(url) else None),
                timeout=(CONNECT_S, call.read_s),
                allow_redirects=False,
                verify=self._verify,
                stream=True,
            )
        response = Response(raw)
        if raw.status_code < 300 or raw.status_code in call.accept:
            return response
        with response:
            raise _problem(raw, response.read_all(READ_S))


def _holds_certs(ca_file: str) -> bool:
    try:
        ssl.create_default_context(cafile=ca_file)
    except OSError:
        return False
    return True


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("https", "http") and bool(parts.hostname)


class Response:
    """An answer whose body is still to be read; a context manager that gives the connection back."""

    def __init__(self, raw: requests.Response) -> None:
        self._raw, self.status = raw, raw.status_code

    def __enter__(self) -> "Response":
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._raw.close()

    def header(self, name: str) -> str:
        """A header's text, empty where it is not there."""
        return self._raw.headers.get(name, "")

    def chunks(self) -> Iterator[bytes]:
        """The body as it comes, as it is on the wire, each piece at once."""
        with translated_errors():
            while chunk := self._raw.raw.read1(_CHUNK_BYTES, decode_content=False):
                yield chunk

    def read_all(self, within_s: float) -> bytes:
        """The whole body, unpacked; Retryable where it takes too long or is cut, Terminal where it is too large."""
        give_up_s = time.monotonic() + within_s
        parts, size_bytes = [], 0
        for chunk in self.chunks():
            parts.append(chunk)
            size_bytes += len(chunk)
            if size_bytes > ANSWER_BYTES_MAX:
                raise Terminal("sync.not_evertill")
            if time.monotonic() > give_up_s:
                raise Retryable("sync.timeout")
        if not parts and not self._may_be_empty():
            raise Retryable("sync.answer_damaged")  # cut amid its headers, which then look complete
        return _unpacked(b"".join(parts), self.header("Content-Encoding"))

    def _may_be_empty(self) -> bool:
        """A redirection's body is never given out; else an answer that has none says so."""
        return self._raw.is_redirect or self.header("Content-Length") == "0"

    def shut_down(self) -> None:
        """Ends a read that another thread is blocked in; one that has ended by itself needs no end."""
        with contextlib.suppress(OSError):
            self._raw.raw.shutdown()


def _unpacked(body: bytes, encoding: str) -> bytes:
    """Never more than the limit, whatever the packed size promises."""
    try:
        if encoding == "zstd":
            body = zstandard.ZstdDecompressor().stream_reader(body).read(ANSWER_BYTES_MAX + 1)
        elif encoding == "gzip":
            body = zlib.decompressobj(wbits=31).decompress(body, ANSWER_BYTES_MAX + 1)
    except (zstandard.ZstdError, zlib.error):
        raise Retryable("sync.answer_damaged") from None
    if len(body) > ANSWER_BYTES_MAX:
        raise Terminal("sync.not_evertill")
    return body


def _problem(raw: requests.Response, body: bytes) -> CloudError:
    """What an error status means; one that is not our problem+json comes from something in between."""
    status, retry_after_ms = raw.status_code, _retry_after_ms(raw.headers.get("Retry-After", ""))
    try:
        problem = msgspec.json.decode(body, type=Problem)
    except msgspec.DecodeError:
        problem = None
    if status >= 500 or status in (408, 425, 429):
        code = problem.code if problem and has_error(problem.code) else "sync.cloud_failing"
        told_ms = problem.retry_after_ms if problem else 0
        return Retryable(code, retry_after_ms=max(retry_after_ms, told_ms))
    if problem is None:
        return Terminal("sync.not_evertill", status=status)
    if problem.code == "terminal.revoked":
        return Revoked(problem.code)
    code = problem.code if has_error(problem.code) else "sync.refused"
    return Terminal(code, status=status, server_time_ms=problem.server_time)


def _retry_after_ms(text: str) -> int:
    return int(text) * 1000 if text.isascii() and text.isdigit() else 0


@contextmanager
def translated_errors() -> Iterator[None]:
    """Turns what requests and urllib3 raise into errors of ours, whose texts hold no address and no secret."""
    try:
        yield
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
        raise _translated(error) from error


def _translated(error: BaseException) -> CloudError:
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return Retryable(_CERTIFICATE_CODES.get(cause.verify_code, "sync.certificate_untrusted"))
    if any(isinstance(cause, ssl.SSLError | requests.exceptions.SSLError) for cause in causes):
        return Retryable("sync.tls_failed")
    if any(isinstance(cause, _NO_CONNECTION) for cause in causes):
        return Retryable("sync.unreachable")  # urllib3 counts it among the timeouts
    if any(isinstance(cause, requests.Timeout | urllib3.exceptions.TimeoutError | TimeoutError) for cause in causes):
        return Retryable("sync.timeout")
    if any(isinstance(cause, _BAD_ADDRESS) for cause in causes):
        return Terminal("sync.url_wrong")
    if isinstance(error, OSError) and "CA certificate" in str(error):
        return Terminal("sync.ca_file_missing")
    return Retryable("sync.unreachable")


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and everything it wraps: by cause, by context, and by the reason urllib3 keeps in its arguments."""
    todo, seen = [error], set[int]()
    while todo:
        one = todo.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        wrapped = (one.__cause__, one.__context__, getattr(one, "reason", None), *one.args)
        todo += [inner for inner in wrapped if isinstance(inner, BaseException)]
