"""The application: pages on their routes, files, the announcements of new generations, and the way in."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from monitor.errors import BullionError, QueryRefused, QueueFull
from monitor.web import rendering
from monitor.web.entry import Guard, Login
from monitor.web.events import Events
from monitor.web.freshness import Freshness
from monitor.web.gate import Gate
from monitor.web.generations import Generation, Generations
from monitor.web.look import Desk, Look, NoSuch, Refused, Tools
from monitor.web.page import RETRY_SECONDS, Download, Page, Said
from monitor.web.routes import PAGES
from monitor.web.walls import OF_FORMS, Bucket, Walls


@dataclass(frozen=True, slots=True)
class House:
    """What the pages stand on, handed in by the composition root."""

    generations: Generations
    desk: Desk
    clock: Callable[[], datetime]
    gate: Gate = field(default_factory=Gate)
    hosts: frozenset[str] = frozenset()
    tools: Tools = field(default_factory=Tools)
    a_minute: float = 12_000
    """Requests a client may make."""


def application(house: House, pages: tuple[Page, ...] = PAGES) -> Walls:
    """The pages of a home as an ASGI application, walls around it."""
    ending = threading.Event()
    freshness = Freshness(house.generations, house.clock, _preparer(house, pages))
    routes = [
        Route("/static/{name:path}", _static, methods=["GET"]),
        Route("/login", Login(house.gate), methods=["GET", "POST"]),
        Route("/events", Events(freshness.shown, ending.is_set), methods=["GET"]),
        *(Route(page.path, _Endpoint(house, freshness, page, pages), methods=_methods(page)) for page in pages),
    ]

    @asynccontextmanager
    async def working(_: Starlette) -> AsyncIterator[None]:
        with freshness.working():
            yield
        if house.tools.questions is not None:
            house.tools.questions.close()

    inner = Starlette(routes=routes, exception_handlers={404: _not_found, 500: _broken}, lifespan=working)
    packed = GZipMiddleware(inner, minimum_size=1_000, compresslevel=5)
    return Walls(Guard(packed, house.gate), house.hosts, Bucket(house.a_minute), ending)


def _preparer(house: House, pages: tuple[Page, ...]) -> Callable[[Generation, datetime], None]:
    ready = [page for page in pages if page.is_kept_ready]

    def prepare(generation: Generation, minute: datetime) -> None:
        look = Look(generation, minute, minute, house.desk, house.tools)
        for page in ready:
            page.view(look)
        if house.tools.questions is not None:
            house.tools.questions.follow(generation.path)

    return prepare


def _methods(page: Page) -> list[str]:
    return ["GET", "POST"] if page.act else ["GET"]


class _Endpoint:
    """One page. Runs on a thread of the pool: reading the database does not hold up the others."""

    def __init__(self, house: House, freshness: Freshness, page: Page, pages: tuple[Page, ...]) -> None:
        self._house, self._freshness, self._page = house, freshness, page
        self._menu = [other for other in pages if other.key]
        self._paths = frozenset(other.path for other in pages)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        request = Request(scope, receive)
        form = dict(parse_qsl((await request.body()).decode("utf-8", "replace"))) if request.method == "POST" else {}
        response = await run_in_threadpool(self._answer, request, form)
        await response(scope, receive, send)

    def _answer(self, request: Request, form: dict[str, str]) -> Response:
        try:
            with self._freshness.lease() as seen:
                look = Look(
                    seen.generation,
                    seen.now,
                    seen.at,
                    self._house.desk,
                    self._house.tools,
                    dict(request.query_params),
                    {name: str(value) for name, value in request.path_params.items()},
                    f"{request.url.path}?{request.url.query}".removesuffix("?"),
                )
                return self._acted(look, form) if request.method == "POST" else self._seen(look)
        except NoSuch as error:
            return _sentence(404, str(error))
        except QueueFull as error:
            return _sentence(429, str(error), {"retry-after": RETRY_SECONDS})
        except (Refused, QueryRefused) as error:
            return _sentence(400, str(error))
        except BullionError as error:
            return _sentence(503, str(error))

    def _acted(self, look: Look, form: dict[str, str]) -> Response:
        assert self._page.act is not None  # noqa: S101 - its route takes no POST otherwise
        return RedirectResponse(self._page.act(look, form), status_code=303)

    def _seen(self, look: Look) -> Response:
        view = self._page.view(look)
        if isinstance(view, Download):
            return _file(view)
        said = view if isinstance(view, Said) else Said(view, 200)
        html = rendering.render(
            self._page.template,
            v=said.view,
            page=self._page,
            menu=self._menu,
            paths=self._paths,
            now=look.at,
            generation=look.generation,
            address=look.address,
        )
        headers = {**said.headers, **(OF_FORMS if self._page.has_form else {})}
        return HTMLResponse(html, said.status, headers)


def _file(view: Download) -> Response:
    headers = {"content-disposition": f'attachment; filename="{view.name}"'} if view.name else {}
    if view.policy:
        headers["content-security-policy"] = view.policy
    return Response(view.body, media_type=view.media_type, headers=headers)


def _sentence(status: int, text: str, headers: Mapping[str, str] | None = None) -> Response:
    return HTMLResponse(rendering.render("sentence.html", text=text, status=status), status, headers)


async def _not_found(_: Request, __: Exception) -> Response:
    return _sentence(404, "there is no such page")


async def _broken(_: Request, __: Exception) -> Response:
    return _sentence(500, "this page could not be made; the figures themselves are not touched. Try `bullion sql`.")


async def _static(request: Request) -> Response:
    asset = rendering.assets().get(request.path_params["name"])
    if asset is None:
        return PlainTextResponse("there is no such file\n", status_code=404)
    headers = {"cache-control": "public, max-age=31536000, immutable", "vary": "accept-encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(asset.packed, media_type=asset.media_type, headers=headers | {"content-encoding": "gzip"})
    return Response(asset.body, media_type=asset.media_type, headers=headers)
