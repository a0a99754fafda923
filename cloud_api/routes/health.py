"""Whether this process serves."""

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict

from cloud_api import VERSION
from cloud_api.context import Cloud, the_cloud
from cloud_api.db.engine import reading

router = APIRouter(tags=["health"])


class HealthAnswer(BaseModel):
    """The process answers and its database too."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"status": "ok", "version": VERSION, "server_time": 1_780_000_000_000}]}
    )
    status: str
    version: str
    server_time: int


@router.get(
    "/v1/health",
    summary="Is the cloud there? 云端在吗？",
    openapi_extra={"x-permission": "public"},
)
def health(cloud: Cloud = Depends(the_cloud)) -> HealthAnswer:
    """Answer 200 while the database answers, else 503."""
    with reading(cloud.engine) as connection:
        connection.exec_driver_sql("SELECT 1")
    return HealthAnswer(status="ok", version=VERSION, server_time=cloud.clock.now_ms())
