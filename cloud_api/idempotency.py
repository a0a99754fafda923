"""A write that is sent twice happens once: the second gets the first one's answer."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from fastapi import Depends, Header, Request, Response
from pydantic import BaseModel, TypeAdapter

from cloud_api.auth import authorise
from cloud_api.context import Cloud, the_cloud
from cloud_api.db.engine import is_postgres, reading
from cloud_api.db.master_tables import IDEMPOTENCY
from cloud_api.db.unit_of_work import UnitOfWork
from cloud_api.permissions import Principal
from cloud_api.problems import ApiProblem
from cloud_api.services.act import Act

HEADER = "Idempotency-Key"
KEY_PATTERN = r"^[!-~]{8,128}$"
REPLAYED = "Idempotency-Replayed"


@dataclass(frozen=True, slots=True)
class WriteCall:
    """One writing request: runs its act in one transaction and keeps the answer under the request's key.

    The key is bound in the same transaction as the effect: of many at once one acts, the others wait and
    repeat its answer. A refused act binds nothing, so it may be sent again once the reason is gone.
    """

    cloud: Cloud
    principal: Principal
    key: str | None
    request_hash: str

    def run(self, do: Callable[[Act], Any], shape: type[BaseModel], *, status: int = 200) -> Response:
        """The answer of ``do`` in the given shape, new or repeated; 409 where the key came with another body."""
        with self.cloud.unit_of_work() as uow:
            if self.key is not None:
                stored = self._stored(uow.connection)
                if stored is not None:
                    return stored
            act = Act(uow, self.principal.user_name, self.cloud.keys, self.cloud.settings)
            answer = TypeAdapter(shape).validate_python(do(act)).model_dump_json(by_alias=True).encode()
            if self.key is not None:
                self._keep(uow, status, answer)
            uow.commit()
        return _response(status, answer)

    def repeated(self) -> Response | None:
        """The answer that was given under this key already: for acts whose proof does not hold a second time."""
        if self.key is None:
            return None
        with reading(self.cloud.engine) as connection:
            return self._stored(connection)

    def _stored(self, connection: sa.Connection) -> Response | None:
        if is_postgres(connection):
            # Two requests with one key wait for each other here; SQLite has but one writer anyway.
            number = int.from_bytes(hashlib.sha256(self._context).digest()[:8], "big", signed=True)
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(number)))
        query = sa.select(IDEMPOTENCY).where(
            IDEMPOTENCY.c.who == self.principal.user_name, IDEMPOTENCY.c.idempotency_key == self.key
        )
        row = connection.execute(query).mappings().one_or_none()
        if row is None:
            return None
        if row["request_hash"] != self.request_hash:
            raise ApiProblem(409, "cloud.key_reused")
        answer = self.cloud.keys.unseal(row["answer"], self._context)
        if answer is None:
            raise ApiProblem(409, "cloud.key_reused")
        return _response(row["status"], answer, replayed=True)

    def _keep(self, uow: UnitOfWork, status: int, answer: bytes) -> None:
        uow.connection.execute(
            sa.insert(IDEMPOTENCY).values(
                who=self.principal.user_name,
                idempotency_key=self.key,
                request_hash=self.request_hash,
                status=status,
                answer=self.cloud.keys.seal(answer, self._context),
                at_ms=uow.now_ms,
            )
        )

    @property
    def _context(self) -> bytes:
        return f"{self.principal.user_name}\n{self.key}".encode()


async def write_call(
    request: Request,
    cloud: Cloud = Depends(the_cloud),
    *,
    principal: Principal = Depends(authorise),
    idempotency_key: str | None = Header(default=None, pattern=KEY_PATTERN),
) -> WriteCall:
    """The writing request, for ``Depends``."""
    digest = hashlib.sha256(f"{request.method} {request.url.path}?{request.url.query}\n".encode())
    digest.update(await request.body())
    return WriteCall(cloud, principal, idempotency_key, digest.hexdigest())


def _response(status: int, answer: bytes, *, replayed: bool = False) -> Response:
    headers = {REPLAYED: "true"} if replayed else {}
    return Response(answer, status, headers, media_type="application/json")
