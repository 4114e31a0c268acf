"""What an answer is, and which answers are refusals."""

import gzip
import os

import pytest

from monitor.blockpages import looks_blocked
from monitor.errors import Blocked, NotPublished, Unreachable
from monitor.http import Fetcher, Unchanged
from monitor.model import Answer, Ask
from tests.captures import CAPTURES, needs_captures
from tests.fetching.asking import DAY, NOW, fetch, made
from tests.publisher import Publisher

CME_PAGE = (
    b"<html><body><p>This IP address is blocked due to suspected web scraping activity associated with it on behalf "
    b"of this device or another device using the same address.</p></body></html>"
)

BLOCK_PAGES = {
    "cme": CME_PAGE,
    "cme short": b"This IP address is blocked.",
    "safeline": b"<!doctype html><script>var a='safeline_bot_challenge'</script>",
    "waf utf-8": "<html><title>WEB 应用防火墙</title></html>".encode(),
    "waf gbk": "<html><title>WEB 应用防火墙</title></html>".encode("gbk"),
    "cloudflare": b"<!DOCTYPE html><html><head><title>Just a moment...</title></head></html>",
    "akamai": b"<HTML><H1>Access Denied</H1>You don't have permission.<P>\nReference&#32;&#35;18&#46;2d</HTML>",
    "akamai plain": b"Access Denied ... Reference #18.2d",
}


def test_an_answer_is_the_bytes_with_their_name_moment_and_headers(publisher: Publisher, fetcher: Fetcher) -> None:
    publisher.set("/delivery/Silver_stocks.xls", b"\xd0\xcf\x11\xe0 bytes", etag='"7"')
    ask = Ask("stocks", DAY, publisher.url("/delivery/Silver_stocks.xls?day=10"), hint="silver")
    got = fetcher.fetch(ask, publisher.hosts, now=NOW)
    assert isinstance(got, Answer)
    assert (got.body, got.name, got.fetched_at, got.hint) == (
        b"\xd0\xcf\x11\xe0 bytes",
        "Silver_stocks.xls",
        NOW,
        "silver",
    )
    assert got.url == ask.url
    assert dict(got.headers)["etag"] == '"7"'


def test_the_question_says_who_asks(publisher: Publisher, fetcher: Fetcher) -> None:
    publisher.set("/a", b"x")
    fetch(fetcher, publisher, "/a")
    assert publisher.log[0].headers["User-Agent"] == "Bullion/1.2 (+desk@example.org)"
    assert publisher.log[0].headers["Host"] == f"127.0.0.1:{publisher.port}"


def test_a_contact_that_would_break_the_header_is_made_plain() -> None:
    assert made().user_agent.isascii()
    assert Fetcher("a\r\nX: é", version="1").user_agent == "Bullion/1 (+a??X: ?)"


def test_a_question_may_be_a_form_with_headers(publisher: Publisher, fetcher: Fetcher) -> None:
    publisher.set("/Dailyhq", b'{"time":[]}')
    ask = Ask(
        "sge", DAY, publisher.url("/Dailyhq"), None, "POST", (("Referer", "https://x.cn/"),), (("instid", "Ag(T+D)"),)
    )
    fetcher.fetch(ask, publisher.hosts, now=NOW)
    seen = publisher.log[0]
    assert (seen.method, seen.body, seen.headers["Referer"]) == ("POST", b"instid=Ag%28T%2BD%29", "https://x.cn/")


def test_a_compressed_body_arrives_decompressed(publisher: Publisher, fetcher: Fetcher) -> None:
    body = os.urandom(70_000)
    zipped = gzip.compress(body[:50_000]) + gzip.compress(body[50_000:])
    publisher.set("/a", zipped, headers=(("Content-Encoding", "gzip"),))
    publisher.set("/b", zipped, headers=(("Content-Encoding", "gzip"),), chunked=True)
    assert fetch(fetcher, publisher, "/a").body == body
    assert fetch(fetcher, publisher, "/b").body == body


def test_an_answer_that_is_a_gzip_file_itself_is_left_as_it_is(publisher: Publisher, fetcher: Fetcher) -> None:
    publisher.set("/rates.csv.gz", gzip.compress(b"a,b"))
    assert fetch(fetcher, publisher, "/rates.csv.gz").body == gzip.compress(b"a,b")


def test_validators_make_the_question_conditional_and_304_says_unchanged(
    publisher: Publisher, fetcher: Fetcher
) -> None:
    publisher.set("/a", b"x", etag='"7"')
    validators = {"etag": '"7"', "last_modified": "Tue, 10 Feb 2026 22:00:00 GMT"}
    got = fetcher.fetch(Ask("s", DAY, publisher.url("/a")), publisher.hosts, now=NOW, validators=validators)
    assert isinstance(got, Unchanged)
    assert got.fetched_at == NOW
    assert publisher.log[0].headers["If-Modified-Since"] == "Tue, 10 Feb 2026 22:00:00 GMT"


def test_a_new_version_answers_a_conditional_question(publisher: Publisher, fetcher: Fetcher) -> None:
    publisher.set("/a", b"new", etag='"8"')
    assert fetch(fetcher, publisher, "/a", validators={"etag": '"7"'}).body == b"new"


def test_304_to_an_unconditional_question_is_no_answer(publisher: Publisher, fetcher: Fetcher) -> None:
    publisher.set("/a", status=304)
    with pytest.raises(Unreachable, match="304"):
        fetch(fetcher, publisher, "/a")


@pytest.mark.parametrize("status", [404, 410])
def test_nothing_there_means_not_published(publisher: Publisher, fetcher: Fetcher, status: int) -> None:
    publisher.set("/a", b"not here", status=status)
    with pytest.raises(NotPublished, match="2026-02-10"):
        fetch(fetcher, publisher, "/a")
    assert len(publisher.log) == 1


@pytest.mark.parametrize("status", [401, 403, 407, 451])
def test_a_refusal_is_taken_at_its_word_and_never_repeated(publisher: Publisher, fetcher: Fetcher, status: int) -> None:
    publisher.set("/a", b"no", status=status)
    with pytest.raises(Blocked, match=r"inbox") as caught:
        fetch(fetcher, publisher, "/a")
    assert f"HTTP {status}" in str(caught.value)
    assert len(publisher.log) == 1


@pytest.mark.parametrize("page", BLOCK_PAGES.values(), ids=BLOCK_PAGES)
@pytest.mark.parametrize("status", [200, 404, 429, 503])
def test_a_block_page_is_a_refusal_under_any_status(
    publisher: Publisher, fetcher: Fetcher, page: bytes, status: int
) -> None:
    publisher.set("/a", page, status=status)
    with pytest.raises(Blocked):
        fetch(fetcher, publisher, "/a")
    assert len(publisher.log) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><table class='daily_new_table'><tr><td>Ag(T+D)</td></tr></table></html>",
        b"\xd0\xcf\x11\xe0" + CME_PAGE,
        b"PK\x03\x04" + CME_PAGE,
        b"ab\0c" + CME_PAGE,
        b"x" * 65_536 + CME_PAGE,
        b"<p>Access Denied is the title of a song</p>",
        b"<script src='/cdn-cgi/challenge-platform/scripts/jsd/main.js'></script><table>1</table>",
    ],
)
def test_an_honest_body_is_no_block_page(body: bytes) -> None:
    assert looks_blocked(body) is None


@needs_captures
def test_no_captured_file_is_taken_for_a_block_page() -> None:
    files = [path for path in CAPTURES.rglob("*") if path.is_file()]
    assert len(files) > 100
    assert [path.name for path in files if looks_blocked(path.read_bytes())] == []
