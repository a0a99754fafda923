"""The web app: wires settings, database, routes and background work together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from anyio import to_thread
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute

from cloud_api import VERSION, errors, openapi
from cloud_api.docs_page import add_docs_page
from cloud_api.middleware import AccessLog, BodyLimit, SecurityHeaders
from cloud_api.routes import health, quote, sync
from cloud_api.routes.hq import imports
from cloud_api.routes.hq import router as hq
from cloud_api.services.background import Background
from cloud_api.services.catalog_import.desk import ImportDesk
from cloud_api.settings import Settings
from cloud_api.wiring import make_cloud
from domain.clock import Clock

TITLE = "恒收 Evertill"


def _operation_id(route: APIRoute) -> str:
    return route.name


ROUTES = APIRouter(generate_unique_id_function=_operation_id)
"""The same for every app of a process: working out what a hundred routes take and give costs most of a start."""
for _part in (health.router, sync.router, quote.router, hq.open_router, hq.router):
    ROUTES.include_router(_part)


def create_app(settings: Settings, *, clock: Clock | None = None) -> FastAPI:
    """The app for one process; its lifespan starts and ends the background work."""
    cloud = make_cloud(settings, clock=clock)
    background = Background(cloud)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        if settings.background:
            background.start()
        yield
        await to_thread.run_sync(background.stop)
        await to_thread.run_sync(app.state.imports.close)
        cloud.engine.dispose()

    app = FastAPI(
        title=TITLE,
        version=VERSION,
        lifespan=lifespan,
        openapi_url="/openapi.json" if settings.docs else None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=_operation_id,
    )
    app.state.cloud = cloud
    app.state.imports = ImportDesk(cloud)
    app.state.background = background
    errors.install(app)
    app.router.routes.extend(ROUTES.routes)
    if settings.docs:
        add_docs_page(app)
    # What FastAPI documents as a method is meant to be replaced: its own pages do so.
    app.openapi = partial(openapi.document, app)  # type: ignore[method-assign]
    app.add_middleware(
        BodyLimit, limit_bytes=settings.max_body_bytes, own_limits={imports.PATH: settings.max_import_bytes}
    )
    app.add_middleware(SecurityHeaders, behind_tls=settings.trusted_proxy)
    app.add_middleware(AccessLog)
    return app
