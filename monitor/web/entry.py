"""The door: the form at /login, and the guard that lets through who gave the token."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from monitor.web import rendering
from monitor.web.gate import COOKIE, COOKIE_SECONDS, Gate
from monitor.web.walls import OF_FORMS, client_of, is_here

_BEARER = "Bearer "


class Login:
    """The form, and what it is answered: a cookie, or the form again; 429 after ten bad tries in a minute."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """One visit or one try."""
        request = Request(scope, receive)
        if not self._gate.token:
            response: Response = RedirectResponse("/", status_code=303)
        elif request.method == "POST":
            given = dict(parse_qsl((await request.body()).decode("utf-8", "replace"))).get("token", "")
            response = self._tried(given.strip(), request)
        else:
            response = _form(200, "")
        await response(scope, receive, send)

    def _tried(self, given: str, request: Request) -> Response:
        client = client_of(request.scope)
        if self._gate.tries.is_out(client):
            return _form(429, "Too many tries: wait a minute.")
        if not self._gate.opens(given):
            self._gate.tries.note(client)
            return _form(401, "That is not the token.")
        response = RedirectResponse("/", status_code=303)
        response.set_cookie(
            COOKIE, self._gate.cookie, max_age=COOKIE_SECONDS, httponly=True, samesite="strict",
            secure=_came_by_tls(request),
        )  # fmt: skip
        return response


class Guard:
    """Lets through requests with the cookie or the token as bearer; shows the form to all others. Plain ASGI."""

    def __init__(self, app: Any, gate: Gate) -> None:
        self._app, self._gate = app, gate

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """One request. Files and the form itself hold no figures and are open."""
        if scope["type"] != "http" or not self._gate.token or _is_open(scope["path"]):
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(Request(scope))
        await (refusal or self._app)(scope, receive, send)

    def _refusal(self, request: Request) -> Response | None:
        bearer = request.headers.get("authorization", "")
        if not bearer.startswith(_BEARER):
            if self._gate.lets_in(request.cookies.get(COOKIE, "")):
                return None
            return RedirectResponse("/login", status_code=303) if request.method == "GET" else _refused(401)
        client = client_of(request.scope)
        if self._gate.tries.is_out(client):
            return _refused(429)
        if self._gate.opens(bearer.removeprefix(_BEARER).strip()):
            return None
        self._gate.tries.note(client)
        return _refused(401)


def _is_open(path: str) -> bool:
    return path == "/login" or path.startswith("/static/")


def _came_by_tls(request: Request) -> bool:
    """Whether the browser reached us by TLS, through a proxy: only then, or on this machine, it says Sec-Fetch-Site."""
    return "sec-fetch-site" in request.headers and not is_here(request.headers.get("host", ""))


def _refused(status: int) -> Response:
    return PlainTextResponse("too many tries\n" if status == 429 else "a token is needed\n", status_code=status)


def _form(status: int, complaint: str) -> Response:
    return HTMLResponse(rendering.render("login.html", complaint=complaint), status_code=status, headers=OF_FORMS)
