"""The till behind a request, by its token, from memory."""

from dataclasses import dataclass

import anyio.to_thread
from fastapi import Depends, Request

from cloud_api.errors import ApiProblem
from cloud_api.services.background import Background
from cloud_api.services.terminals.directory import DOWN_STATES, Known
from sync.release import TOO_OLD, is_too_old, release_in


@dataclass(frozen=True, slots=True)
class Till:
    """Who asks, under which incarnation its token was given, and when."""

    background: Background
    known: Known
    inc: int
    now_ms: int
    release: str
    """What it runs, as its User-Agent says; empty where it does not."""

    def require_down(self, bucket: str | None = None) -> None:
        """ApiProblem 403 unless this till gets news, and gets them of this bucket; 426 where its app is too old."""
        if self.known.state not in DOWN_STATES:
            raise ApiProblem(403, "terminal.drained" if self.known.state == "drain" else "terminal.revoked")
        least = self.background.cloud.settings.min_app
        if is_too_old(self.release, least):
            raise ApiProblem(426, TOO_OLD, min_app=least)
        if bucket is not None and bucket not in self.known.buckets:
            raise ApiProblem(403, "bucket.not_subscribed")


def the_background(request: Request) -> Background:
    """The tills' side of this process; for ``Depends``."""
    background: Background = request.app.state.background
    return background


async def the_till(request: Request, background: Background = Depends(the_background)) -> Till:
    """The till whose token the request carries; 401 where it carries none of ours."""
    now_ms = background.cloud.clock.now_ms()
    authorization = request.headers.get("authorization")
    caller = background.tokens.caller(authorization, now_ms)
    if caller is None:
        # Not in memory yet: another process enrolled it a moment ago.
        caller = await anyio.to_thread.run_sync(background.tokens.looked_up, authorization, now_ms)
    release = release_in(request.headers.get("user-agent", ""))
    return Till(background, caller.known, caller.inc, now_ms, release)
