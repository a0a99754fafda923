"""The tills' routes: enrolment, tokens, hello, the feeds and the upload of journals."""

import anyio.to_thread
from fastapi import APIRouter, Depends, Request, Response

from cloud_api.auth import client_address
from cloud_api.context import Cloud, the_cloud
from cloud_api.errors import ApiProblem
from cloud_api.openapi_parameters import header_parameter
from cloud_api.routes import sync_down, sync_live
from cloud_api.routes.sync_caller import Till, the_background, the_till
from cloud_api.routes.sync_openapi import gives, responses, takes
from cloud_api.routes.sync_wire import answer, read_message
from cloud_api.services.background import Background
from cloud_api.services.terminals.directory import DOWN_STATES
from cloud_api.services.terminals.enrolment import enrol
from cloud_api.services.terminals.presence import Seen
from cloud_api.services.terminals.tokens import LIFETIME_MS
from sync.messages import Ack, BucketHead, Enrol, Enrolled, Fork, Hello, Token, TokenRequest, Up, UpAck
from sync.replica.tables import SCHEMA

router = APIRouter(tags=["tills"])


@router.post(
    "/v1/enrol",
    summary="注册收银机 Bind a till by a one-time code",
    openapi_extra=takes(Enrol, "public"),
    responses=responses(Enrolled, 400, 404, 409, 410, 413, 415, 429, 503),
)
async def post_enrol(
    request: Request,
    cloud: Cloud = Depends(the_cloud),
    *,
    background: Background = Depends(the_background),
    address: str = Depends(client_address),
) -> Response:
    """Bind the key that the till made to the terminal that HQ prepared. The same code with the same key gets
    the same answer until the code expires, as the first answer may have been lost."""
    message = await read_message(request, Enrol)
    background.enrol_limit.check(address, cloud.clock.now_ms())
    try:
        enrolled = await anyio.to_thread.run_sync(enrol, cloud, message)
    except ApiProblem as problem:
        if problem.code == "enrol.code_wrong":
            background.enrol_limit.wrong(address, cloud.clock.now_ms())
        raise
    await anyio.to_thread.run_sync(background.look)
    return answer(enrolled)


@router.post(
    "/v1/token",
    summary="换取凭证 Get an access token for a signed request",
    openapi_extra=takes(TokenRequest, "public"),
    responses=responses(Token, 400, 401, 413, 415, 503),
)
async def post_token(
    request: Request, cloud: Cloud = Depends(the_cloud), *, background: Background = Depends(the_background)
) -> Response:
    """An hour's token for whoever proves the till's key; a signed request is good once."""
    message = await read_message(request, TokenRequest)
    now_ms = cloud.clock.now_ms()
    access = await anyio.to_thread.run_sync(background.tokens.grant, message, now_ms)
    return answer(Token(access=access, expires_at=now_ms + LIFETIME_MS, server_time=now_ms))


@router.get(
    "/v1/hello",
    summary="现状 Where everything stands",
    openapi_extra={"x-permission": "till"},
    responses=responses(Hello, 401, 422, 503),
)
async def get_hello(
    till: Till = Depends(the_till), *, schema: int = SCHEMA, inc: int = 0, app: str = "", tip: int = -1
) -> Response:
    """Heads of the till's buckets and what the cloud has of its journal; answered from memory."""
    background, known = till.background, till.known
    inc = inc or till.inc
    heads = [await _head(background, bucket, schema=schema) for bucket in known.buckets if known.state in DOWN_STATES]
    stream = background.streams.get(known.terminal_id, inc)
    if stream is None:
        stream = await anyio.to_thread.run_sync(background.streams.read, known.terminal_id, inc)
    told_tip = (inc, tip) if tip >= 0 else (None, None)
    background.presence.note(known.terminal_id, Seen(till.now_ms, app[:40] or None, *told_tip))
    hello = Hello(
        server_time=till.now_ms,
        sub_ver=known.sub_ver,
        min_app=background.cloud.settings.min_app,
        state=known.state,
        epoch_up=await _epoch_up(background),
        buckets=heads,
        ack=Ack(inc=inc, seq=stream.last_seq, hash=stream.last_hash, durable=stream.durable_seq),
    )
    return answer(hello)


@router.post(
    "/v1/up",
    summary="上传日志 Send journal entries",
    openapi_extra=takes(Up, "till") | {"parameters": [header_parameter("Content-Encoding")]},
    responses=responses(
        UpAck, 400, 401, 403, 413, 415, 503, also={409: gives(Fork, "两段历史 two histories: go on under new_inc")}
    ),
)
async def post_up(request: Request, till: Till = Depends(the_till)) -> Response:
    """Store entries verbatim and confirm them; whatever they mean is judged after, and never refused here."""
    background = till.background
    background.upload_door.check()
    message = await read_message(request, Up)
    with background.upload_door.passed():
        receive, limiter = background.desk.receive, background.upload_limit
        outcome = await anyio.to_thread.run_sync(receive, message, till.known, limiter=limiter)
    return answer(outcome, status=409 if isinstance(outcome, Fork) else 200)


async def _head(background: Background, bucket: str, *, schema: int) -> BucketHead:
    view = background.mirror.view(bucket)
    if view is None:
        view = await anyio.to_thread.run_sync(background.view, bucket)
    return view.head(schema)


async def _epoch_up(background: Background) -> str:
    return background.known_epoch_up or await anyio.to_thread.run_sync(background.epoch_up)


router.include_router(sync_down.router)
router.include_router(sync_live.router)
