"""The walls around the page: every attack of the table is answered as it says, and so is every honest request."""

from __future__ import annotations

import asyncio
import hashlib
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from monitor import cli, publish
from monitor.config import PageSettings
from monitor.errors import BullionError, ConfigError
from monitor.web import rendering, serve
from monitor.web.gate import COOKIE, Gate, Tries, weakness
from monitor.web.look import Look, Refused
from monitor.web.page import Form, Page
from monitor.web.routes import PAGES
from monitor.web.walls import BODY_BYTES, POLICY, Bucket, Walls, is_known
from tests import pages
from tests.homes import house

TOKEN = "Zb3kQ0rVw8mTt1XyLd5cHg7uNs2eJfAa"


def _echo(_: Look, form: Form) -> str:
    if "wrong" in form:
        raise Refused("<script>alert(1)</script> is no metal")
    return f"/done?{len(form)}"


def _fail(_: Look) -> object:
    raise RuntimeError("a secret of the inside")


WRITING = Page("/write", "Write", "sentence.html", lambda _: None, act=_echo)
BROKEN = Page("/broken", "Broken", "sentence.html", _fail)
ALL = (*PAGES, WRITING, BROKEN)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty home with one generation."""
    folder = tmp_path_factory.mktemp("walls") / "home"
    with house(folder) as opened:
        publish.publish(opened.store, opened.folders.published, pages.DEMO_ENDS)
    return folder


@pytest.fixture
def client(home: Path) -> Iterator[TestClient]:
    with pages.served(home, pages=ALL, hosts=frozenset({"metals.example.org"})) as opened:
        yield opened


@pytest.fixture
def gated(home: Path) -> Iterator[TestClient]:
    with pages.served(home, pages=ALL, gate=Gate(TOKEN)) as opened:
        yield opened


def raw(client: TestClient, method: str, path: str, headers: list[tuple[bytes, bytes]]) -> int:
    """The status of a request whose headers stand exactly as given."""
    scope = {
        "type": "http", "method": method, "path": path, "raw_path": path.encode(), "query_string": b"",
        "headers": headers, "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80), "scheme": "http",
        "root_path": "", "http_version": "1.1",
    }  # fmt: skip
    found: list[int] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            found.append(message["status"])

    asyncio.run(client.app(scope, receive, send))  # type: ignore[arg-type]
    return found[0]


SAME = {"sec-fetch-site": "same-origin"}
CASES: tuple[tuple[str, str, dict[str, str], int], ...] = (
    # reading: by which name
    ("GET", "127.0.0.1:8790", {}, 200),
    ("GET", "localhost:8790", {}, 200),
    ("GET", "LOCALHOST", {}, 200),
    ("GET", "[::1]:8790", {}, 200),
    ("GET", "192.168.1.20:8790", {}, 200),
    ("GET", "metals.example.org", {}, 200),
    ("GET", "evil.example.org", {}, 421),
    ("GET", "evil.example.org:8790", {}, 421),
    ("GET", "metals.example.org.evil.example.org", {}, 421),
    ("GET", "127.0.0.1.evil.example.org", {}, 421),
    ("GET", "localhost.evil.example.org", {}, 421),
    ("GET", "evil-localhost", {}, 421),
    ("GET", "evil.localhost", {}, 421),
    ("GET", "localhost.", {}, 421),
    ("GET", "localhost@evil.example.org", {}, 421),
    ("GET", "evil.example.org@localhost", {}, 421),
    ("GET", "localhost/evil", {}, 421),
    ("GET", "localhost:port", {}, 421),
    ("GET", "", {}, 421),
    ("GET", "127.1", {}, 421),
    ("GET", "0x7f000001", {}, 421),
    # reading: from where
    ("GET", "localhost", {"sec-fetch-site": "none", "sec-fetch-mode": "navigate"}, 200),
    ("GET", "localhost", {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}, 200),
    ("GET", "localhost", {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}, 403),
    ("GET", "localhost", {"sec-fetch-site": "cross-site", "sec-fetch-mode": "cors"}, 403),
    ("GET", "localhost", {"sec-fetch-site": "cross-site"}, 403),
    ("GET", "localhost", {"sec-fetch-site": "same-site", "sec-fetch-mode": "no-cors"}, 403),
    ("GET", "localhost", {"sec-fetch-site": "same-origin", "sec-fetch-mode": "cors"}, 200),
    # writing: from where
    ("POST", "localhost", {"sec-fetch-site": "same-origin"}, 303),
    ("POST", "localhost", {"sec-fetch-site": "same-origin", "origin": "null"}, 303),
    ("POST", "localhost", {"sec-fetch-site": "none"}, 303),
    ("POST", "localhost:8790", {"origin": "http://localhost:8790"}, 303),
    ("POST", "metals.example.org", {"origin": "https://metals.example.org"}, 303),
    ("POST", "localhost", {}, 403),
    ("POST", "localhost", {"sec-fetch-site": "cross-site"}, 403),
    ("POST", "localhost", {"sec-fetch-site": "same-site"}, 403),
    ("POST", "localhost", {"sec-fetch-site": "SAME-ORIGIN"}, 403),
    ("POST", "localhost", {"sec-fetch-site": "cross-site", "origin": "http://localhost"}, 403),
    ("POST", "localhost", {"origin": "null"}, 403),
    ("POST", "localhost", {"origin": "http://evil.example.org"}, 403),
    ("POST", "localhost:8790", {"origin": "http://localhost:9999"}, 403),
    ("POST", "localhost", {"origin": "http://localhost.evil.example.org"}, 403),
    ("POST", "evil.example.org", {"origin": "http://evil.example.org"}, 421),
    # other methods
    ("PUT", "localhost", SAME, 405),
    ("DELETE", "localhost", SAME, 405),
    ("OPTIONS", "localhost", SAME, 405),
    ("TRACE", "localhost", SAME, 405),
)


@pytest.mark.parametrize(("method", "host", "headers", "status"), CASES)
def test_each_request_of_the_table_is_answered_as_it_says(
    client: TestClient, method: str, host: str, headers: dict[str, str], status: int
) -> None:
    """Names, origins and methods: let through, or refused with the right status and nothing of the page."""
    path = "/write" if method == "POST" else "/"
    sent = [(b"host", host.encode()), *((k.encode(), v.encode()) for k, v in headers.items())]
    assert raw(client, method, path, sent) == status


def test_a_request_with_two_names_is_refused(client: TestClient) -> None:
    """A second Host header, which two programs might read differently, is nobody's."""
    assert raw(client, "GET", "/", [(b"host", b"localhost"), (b"host", b"evil.example.org")]) == 421


def test_a_request_without_a_name_is_refused(client: TestClient) -> None:
    """HTTP/1.0 without Host gets nothing."""
    assert raw(client, "GET", "/", []) == 421


def test_two_words_about_the_origin_are_no_word(client: TestClient) -> None:
    """A doubled Sec-Fetch-Site does not let a form through."""
    twice = [(b"host", b"localhost"), (b"sec-fetch-site", b"cross-site"), (b"sec-fetch-site", b"same-origin")]
    assert raw(client, "POST", "/write", twice) == 403


@pytest.mark.parametrize("path", ["/", "/no-such-page", "/static/page.css", "/static/../app.py", "/broken", "/login"])
def test_every_answer_carries_the_policy(client: TestClient, path: str) -> None:
    """The headers stand on pages, files, redirections, refusals and failures alike."""
    quiet = TestClient(client.app, base_url="http://localhost", raise_server_exceptions=False, follow_redirects=False)
    answer = quiet.get(path)
    assert answer.headers["content-security-policy"] == POLICY
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-frame-options"] == "DENY"


def test_a_refusal_carries_the_policy(client: TestClient) -> None:
    """Also where no page was reached."""
    answer = client.get("/", headers={"host": "evil.example.org"})
    assert (answer.status_code, answer.headers["content-security-policy"]) == (421, POLICY)


def test_a_failure_says_nothing_of_the_inside(client: TestClient) -> None:
    """A page that cannot be made is answered 500, without a trace."""
    quiet = TestClient(client.app, base_url="http://localhost", raise_server_exceptions=False)
    answer = quiet.get("/broken")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text


def test_a_page_lets_no_script_or_style_stand_in_it(client: TestClient) -> None:
    """Nothing on a page needs what the policy forbids."""
    text = client.get("/").text
    assert "<style" not in text
    assert " style=" not in text
    assert "onclick" not in text
    assert "<script>" not in text
    assert text.count("<script") == text.count('<script src="/static/')


def test_a_form_that_is_too_large_is_refused(client: TestClient) -> None:
    """More than 64 kB, said or only sent, is answered 413."""
    assert client.post("/write", content=b"a" * (BODY_BYTES + 1), headers=SAME).status_code == 413

    def drops() -> Iterator[bytes]:
        for _ in range(BODY_BYTES // 1024 + 1):
            yield b"a" * 1024

    assert client.post("/write", content=drops(), headers=SAME).status_code == 413
    assert client.post("/write", content=b"a=1&b=2", headers=SAME).headers["location"] == "/done?2"


def test_what_a_form_said_comes_back_as_text(client: TestClient) -> None:
    """The complaint about a form shows its payload, escaped."""
    answer = client.post("/write", content=b"wrong=1", headers=SAME)
    assert answer.status_code == 400
    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;" in answer.text


def test_files_outside_the_folder_are_not_served(client: TestClient) -> None:
    """Only names that were found at start are answered, whatever the path says."""
    for path in ("/static/../app.py", "/static/%2e%2e/app.py", "/static//etc/passwd", "/static/vendor/HASHES"):
        assert client.get(path).status_code == 404


def test_too_many_requests_are_told_to_wait() -> None:
    """A client that has used up its minute gets 429; another one does not, and time gives it back."""
    seconds = [0.0]
    bucket = Bucket(600, clock=lambda: seconds[0])
    assert [bucket.takes("a") for _ in range(61)] == [True] * 60 + [False]
    assert bucket.takes("b")
    seconds[0] = 1.0
    assert [bucket.takes("a") for _ in range(11)] == [True] * 10 + [False]


def test_the_rate_is_kept_at_the_door(home: Path) -> None:
    """The limit is checked before anything else is done."""
    with pages.served(home, a_minute=50) as client:
        assert [client.get("/").status_code for _ in range(6)] == [200] * 5 + [429]


def test_web_sockets_find_nobody() -> None:
    """What is neither a request nor the server's own start goes nowhere."""
    reached: list[str] = []

    async def app(*_: Any) -> None:
        reached.append("app")

    asyncio.run(Walls(app)({"type": "websocket"}, None, None))  # type: ignore[arg-type]
    assert reached == []


def test_a_name_in_the_list_is_known_in_any_case() -> None:
    """Host names do not tell capitals apart."""
    assert is_known("Metals.Example.org:443", frozenset({"metals.example.org"}))


# --- the token ---------------------------------------------------------------------------------


def test_without_the_token_nothing_is_shown(gated: TestClient) -> None:
    """Pages and announcements lead to the form; a form is refused."""
    for path in ("/", "/events", "/no-such-page"):
        answer = gated.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    assert gated.post("/write", headers=SAME).status_code == 401


def test_the_form_gives_a_cookie_that_opens_the_page(gated: TestClient) -> None:
    """The cookie is HttpOnly and SameSite=Strict, holds no token, and is enough from then on."""
    answer = gated.post("/login", data={"token": TOKEN}, headers=SAME)
    cookie = answer.headers["set-cookie"]
    assert answer.status_code == 303
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert TOKEN not in cookie
    assert gated.get("/").status_code == 200


@pytest.mark.parametrize(
    ("host", "headers", "is_secure"),
    [
        ("metals.example.org", SAME, True),
        ("metals.example.org", {"origin": "http://metals.example.org"}, False),
        ("localhost", SAME, False),
        ("127.0.0.1:8790", SAME, False),
    ],
)
def test_the_cookie_of_who_came_by_tls_stays_with_tls(
    home: Path, host: str, headers: dict[str, str], is_secure: bool
) -> None:
    """Secure behind a proxy with TLS; elsewhere it would never come back."""
    with pages.served(home, gate=Gate(TOKEN), hosts=frozenset({"metals.example.org"})) as client:
        answer = client.post("/login", data={"token": TOKEN}, headers={"host": host} | headers)
    assert ("Secure" in answer.headers["set-cookie"]) == is_secure


def test_only_pages_with_forms_say_where_they_were_sent_from(home: Path, gated: TestClient) -> None:
    """The form of the token and the alerts do, to themselves alone; all other pages say nothing to anybody."""
    assert gated.get("/login").headers["referrer-policy"] == "same-origin"
    with pages.served(home) as client:
        policies = {path: client.get(path).headers["referrer-policy"] for path in ("/", "/alerts", "/sources")}
    assert policies == {"/": "no-referrer", "/alerts": "same-origin", "/sources": "no-referrer"}


def test_a_program_may_send_the_token_itself(gated: TestClient) -> None:
    """Authorization: Bearer; a wrong one is refused."""
    assert gated.get("/", headers={"authorization": f"Bearer {TOKEN}"}).status_code == 200
    assert gated.get("/", headers={"authorization": "Bearer wrong"}).status_code == 401


@pytest.mark.parametrize("cookie", ["", "0" * 64, TOKEN, "ä"])
def test_a_made_up_cookie_opens_nothing(gated: TestClient, cookie: str) -> None:
    """Not even the token itself is the cookie."""
    assert not Gate(TOKEN).lets_in(cookie)


def test_ten_bad_tries_in_a_minute_are_enough(gated: TestClient) -> None:
    """The eleventh is answered 429, though it be right; so are tries as bearer from there."""
    statuses = [gated.post("/login", data={"token": "wrong"}, headers=SAME).status_code for _ in range(11)]
    assert statuses == [401] * 10 + [429]
    assert gated.post("/login", data={"token": TOKEN}, headers=SAME).status_code == 429
    assert gated.get("/", headers={"authorization": f"Bearer {TOKEN}"}).status_code == 429


def test_a_minute_later_one_may_try_again() -> None:
    """Bad tries are forgotten after a minute, and are each client's own."""
    seconds = [0.0]
    tries = Tries(clock=lambda: seconds[0])
    for _ in range(10):
        tries.note("a")
    assert (tries.is_out("a"), tries.is_out("b")) == (True, False)
    seconds[0] = 61.0
    assert not tries.is_out("a")


def test_who_is_in_already_is_not_kept_out_by_bad_tries(gated: TestClient) -> None:
    """A stranger at the same address cannot lock out a browser that has its cookie."""
    gated.cookies.set(COOKIE, Gate(TOKEN).cookie)
    for _ in range(12):
        gated.post("/login", data={"token": "wrong"}, headers=SAME)
    assert gated.get("/").status_code == 200


# --- where it may be served --------------------------------------------------------------------


def settings(**page: Any) -> PageSettings:
    return PageSettings(**page)


def test_an_address_beyond_this_machine_needs_a_token() -> None:
    """Without one the page refuses to start, and says how to write one."""
    for listen in ("0.0.0.0:8790", "192.168.1.20:8790", "[::]:8790"):
        with pytest.raises(ConfigError, match="a token is needed"):
            serve.gate(settings(listen=listen))


def test_who_serves_it_to_others_is_told_that_it_can_be_overheard() -> None:
    """Plain HTTP beyond this machine is said at the start; on this machine there is nothing to say."""
    assert "overheard" in serve.exposure(settings(listen="0.0.0.0:8790"))
    assert serve.exposure(settings(listen="127.0.0.1:8790")) == ""


def test_this_machine_alone_needs_none() -> None:
    """127.0.0.1, ::1 and localhost are open to who sits here."""
    for listen in ("127.0.0.1:8790", "[::1]:8790", "localhost:0"):
        assert serve.gate(settings(listen=listen)).token == ""


@pytest.mark.slow
@pytest.mark.parametrize("command", [["run", "--once"], ["page"]])
def test_the_commands_refuse_to_start_where_anybody_could_look(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    """Exit code 2 before anything is begun: no home is made."""
    config = tmp_path / "config.toml"
    config.write_text('[page]\nlisten = "0.0.0.0:0"\n')
    assert cli.main(["--home", str(tmp_path / "home"), "--config", str(config), *command]) == 2
    assert "a token is needed" in capsys.readouterr().err
    assert not (tmp_path / "home").exists()


def test_the_token_stands_nowhere(gated: TestClient) -> None:
    """Neither on a page nor in a header, whoever asks."""
    gated.post("/login", data={"token": TOKEN}, headers=SAME)
    for path in ("/", "/alerts", "/sources", "/login", "/no-such-page"):
        answer = gated.get(path)
        assert TOKEN not in answer.text + repr(answer.headers.multi_items())


def test_an_address_that_somebody_has_is_told() -> None:
    """The daemon goes on without a page; `bullion page` ends with the sentence."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(BullionError, match="the page cannot be served at"):
            serve.Server(None, f"127.0.0.1:{taken.getsockname()[1]}")  # type: ignore[arg-type]


def test_an_address_that_is_told_is_taken_and_can_be_reached_though_nothing_serves_yet() -> None:
    """Whoever follows the printed address at once waits for the first answer instead of being refused."""
    told = serve.Server(None, "127.0.0.1:0")  # type: ignore[arg-type]
    _, _, where = told.url.strip("/").rpartition("/")
    with socket.create_connection(tuple(where.split(":"))), pytest.raises(BullionError, match="in use"):  # type: ignore[arg-type]
        serve.Server(None, where)  # type: ignore[arg-type]
    told.stop()


def test_a_weak_token_is_refused() -> None:
    """Short or repeated ones do not hold 128 bits."""
    assert "128 bits" in weakness("hunter2")
    assert "repeats" in weakness("ab" * 20)
    assert weakness(TOKEN) == ""


def test_a_token_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    """Mode 0600 or tighter, as for passwords."""
    path = tmp_path / "token"
    path.write_text(TOKEN)
    path.chmod(0o644)
    with pytest.raises(ConfigError, match=r"page\.token_file"):
        serve.gate(settings(listen="0.0.0.0:8790", token_file=str(path)))
    path.chmod(0o600)
    assert serve.gate(settings(listen="0.0.0.0:8790", token_file=str(path))).token == TOKEN


def test_a_token_that_is_named_and_not_there_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty variable does not mean that none is wanted."""
    monkeypatch.delenv("BULLION_TOKEN", raising=False)
    with pytest.raises(ConfigError, match="a token is named and there is none"):
        serve.gate(settings(token_env="BULLION_TOKEN"))


@pytest.mark.parametrize("listen", ["8790", "example.org:8790", "127.0.0.1:port", "127.0.0.1:99999", ":8790"])
def test_an_address_that_is_none_is_refused(listen: str) -> None:
    """Names are not looked up: an address and a port, nothing else."""
    with pytest.raises(ConfigError, match=r"page\.listen"):
        serve.gate(settings(listen=listen))


def test_the_vendored_files_are_those_that_were_published() -> None:
    """SHA-256 of every program of others is the one noted beside it, and each has its licence."""
    folder = Path(rendering.__file__).parent / "static" / "vendor"
    noted = {name: sha256 for sha256, name in map(str.split, (folder / "HASHES").read_text().splitlines())}
    there = {path.name for path in folder.iterdir()} - {"HASHES", "README"}
    assert there == set(noted)
    for name, sha256 in noted.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == sha256
    for name in there:
        assert any(other.endswith(".LICENSE") and other.split(".")[0] == name.split(".")[0] for other in there)
