"""The exchanges and banks of a made-up town: one loopback server that plays every publisher, day by day.

    with Town(date(2026, 3, 2), date(2026, 3, 20)) as town:
        daemon = Daemon(house, teller, TownAsker(town.base))
        daemon.step(moment)                     # the town serves what was public at that moment
        assert town.asked("sge_quotes") == [...]

Each report is public ten minutes before it is due. The moment is in every question's path, so the town needs no
clock and a process that is killed and started again finds it as it left it. All figures are invented.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from monitor import duetimes, sessions
from monitor.model import Ask, Source
from monitor.sources.registry import discover
from tests.asker import STAMP
from tests.factories import comex, ecb, shanghai
from tests.publisher import Publisher, Reply, Seen

_NAMES = (
    "comex_settlements", "comex_stocks", "comex_volume", "ecb_fx", "sge_quotes", "shfe_daily", "shfe_warrants",
)  # fmt: skip
SOURCES = {name: source for name, source in discover()[0].items() if name in _NAMES}
"""The publishers who live here."""
EARLY = timedelta(minutes=10)
"""How long before its due time a report is public."""
Rule = Reply | Callable[["Question"], Reply | None]
"""What the town answers instead of the truth; None: the truth after all."""


@dataclass(frozen=True)
class Question:
    """One question that arrived, and how it was answered."""

    at: datetime
    url: str
    source: str
    session: date | None
    """None where the URL is overwritten every day."""
    status: int
    sha256: str


class Town(Publisher):
    """Every publisher, with reports for the sessions from `first` to `last`."""

    def __init__(self, first: date, last: date, *, etags: bool = False) -> None:
        super().__init__()
        self.questions: list[Question] = []
        self.rules: dict[str, Rule] = {}
        """What is answered to URLs that contain the key."""
        self.public_from: dict[tuple[str, date], datetime] = {}
        """Reports that are not public at their usual moment."""
        self.first, self.last = first, last
        self._etags = etags
        self._reports: dict[str, list[tuple[Source, Ask]]] = defaultdict(list)
        for source in SOURCES.values():
            for day in duetimes.report_sessions(source, first, last):
                for ask in source.asks(day):
                    self._reports[ask.url].append((source, ask))
        self._histories = {ask.url: SOURCES["ecb_fx"] for ask in SOURCES["ecb_fx"].backlog(first, last)}  # type: ignore[misc]

    @property
    def base(self) -> str:
        return self.url("")

    def asked(self, source: str = "", *, since: datetime | None = None) -> list[Question]:
        """What was asked of one source, or of all, from a moment on."""
        return [q for q in self.questions if source in ("", q.source) and (since is None or q.at >= since)]

    def forget(self) -> None:
        """Begin the list of questions anew."""
        self.questions.clear()

    def reply_to(self, seen: Seen) -> Reply:
        _, stamp, rest = seen.target.split("/", 2)
        at, url = datetime.strptime(stamp, STAMP).replace(tzinfo=UTC), f"https://{rest}"
        source, session = self._report_of(url)
        reply = self._ruled(Question(at, url, source, session, 0, "")) or self._truth(url, at)
        if self._etags and reply.status == 200:
            reply = replace(reply, etag=f'"{_sha(reply.body)[:16]}"')
        if reply.etag and seen.headers.get("If-None-Match") == reply.etag:
            reply = Reply(status=304, etag=reply.etag)
        self.questions.append(Question(at, url, source, session, reply.status, _sha(reply.body)))
        return reply

    def _report_of(self, url: str) -> tuple[str, date | None]:
        """Whose question it is, and about which session; '' for a session the town does not know."""
        if url in self._histories:
            return self._histories[url].name, None
        known = self._reports.get(url, [])
        return (known[0][0].name if known else ""), (known[0][1].session if len(known) == 1 else None)

    def _ruled(self, question: Question) -> Reply | None:
        for needle, rule in self.rules.items():
            if needle in question.url:
                return rule if isinstance(rule, Reply) else rule(question)
        return None

    def _truth(self, url: str, at: datetime) -> Reply:
        if url in self._histories:
            return Reply(history(tuple(day for day in self._days(url) if self.is_public("ecb_fx", day, at))))
        known = [ask for source, ask in self._reports.get(url, ()) if self.is_public(source.name, ask.session, at)]
        return Reply(report(known[-1])) if known else Reply(b"nothing here", status=404)

    def _days(self, url: str) -> tuple[date, ...]:
        return duetimes.report_sessions(self._histories[url], self.first, self.last)

    def is_public(self, source: str, session: date, at: datetime) -> bool:
        """Whether that report can be had at that moment."""
        usual = duetimes.due_at(SOURCES[source], session) - EARLY
        return at >= self.public_from.get((source, session), usual)


def at_moment(moment: datetime, town: Town) -> Callable[[Question], Reply]:
    """A rule: the publisher still serves what was public at that moment."""
    return lambda question: town._truth(question.url, moment)


def _sha(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


# --- the reports of a day -------------------------------------------------------------------


@lru_cache(maxsize=4096)
def report(ask: Ask) -> bytes:
    """The file that answers a question, for its own session."""
    make: dict[str, Callable[[Ask], bytes]] = {
        "shfe_warrants": _warrants,
        "shfe_daily": _daily,
        "sge_quotes": lambda ask: shanghai.sge_page(shanghai.sge_rows(ask.session)),
        "ecb_fx": lambda ask: ecb.ecb_zip(ecb.ecb_daily_csv(ask.session, rates(ask.session)), "eurofxref.csv"),
        "comex_stocks": _stocks,
        "comex_volume": _volume,
        "comex_settlements": _settlements,
    }
    return make[ask.source](ask)


@lru_cache(maxsize=64)
def history(days: tuple[date, ...]) -> bytes:
    """The ECB's whole history up to a day: made once, for a zip carries the time it was made."""
    return ecb.ecb_zip(ecb.ecb_hist_csv({day: rates(day) for day in days}))


def rates(day: date) -> dict[str, float]:
    return {"USD": round(1.10 + day.day / 1000, 4), "JPY": 175.0, "CNY": 7.9, "INR": 98.5}


def place(source: str, day: date) -> int:
    """The number of a session, so that levels can be chained."""
    return sessions.calendar(SOURCES[source].venue).count(day)


FALL_FROM = date(2026, 3, 10)
"""From this session on SHFE's silver warrants fall by 8 percent a session (of one warehouse of two), five times."""


def _silver(day: date) -> int:
    fallen = place("shfe_warrants", day) - place("shfe_warrants", FALL_FROM) + 1
    return int(1_000_000 * 0.92 ** min(max(fallen, 0), 5))


def _warrants(ask: Ask) -> bytes:
    day, before = ask.session, sessions.previous("SHFE", ask.session)
    silver = [("上海", "甲库", 200_000, 0), ("上海", "乙库", _silver(day), _silver(day) - _silver(before))]
    return shanghai.shfe_warrants_html(day, silver=silver)


def _daily(ask: Ask) -> bytes:
    step = place("shfe_daily", ask.session)
    rows = [
        shanghai.shfe_contract(product, month, price + step % 7, previous=price + (step - 1) % 7)
        for product, month, price in (
            ("cu", "2605", 92_000), ("cu", "2606", 92_100), ("au", "2606", 1_150), ("au", "2608", 1_153),
            ("ag", "2606", 21_000), ("ag", "2608", 21_060),
        )
    ]  # fmt: skip
    return shanghai.shfe_daily_json(ask.session, rows)


def _stocks(ask: Ask) -> bytes:
    day = ask.session
    step = place("comex_stocks", day) - place("comex_stocks", date(2026, 1, 5))

    def vault(size: float) -> comex.Vault:
        """Some metal goes from registered to eligible each session."""
        part = size / 1_000
        registered = comex.Stock(size * 0.3 - part * step, 0, 0, -part)
        return comex.Vault(registered, comex.Stock(size * 0.7 + part * step, 0, 0, part))

    files: dict[str, Callable[..., bytes]] = {
        "Silver_stocks.xls": comex.silver_stocks_xls,
        "Gold_Stocks.xls": comex.gold_stocks_xls,
        "Copper_Stocks.xls": comex.copper_stocks_xls,
    }
    make = files.get(ask.url.rpartition("/")[2])
    reported = sessions.following("COMEX", day)
    if make is None:
        return comex.pa_pl_stocks_xls(day, reported, {"BRINK'S, INC.": vault(5e5)}, {"BRINK'S, INC.": vault(2e5)})
    if "Copper" in ask.url:
        return make(day, reported, {"BALTIMORE": vault(4e5)})
    return make(day, reported, {"BRINK'S, INC.": vault(3.4e8 if "Silver" in ask.url else 3.6e7)})


def _volume(ask: Ask) -> bytes:
    step = place("comex_volume", ask.session) % 50
    months = {date(2026, 5, 1): comex.Month(90_000 - 100 * step, 40_000 + len(str(ask.hint)), -100)}
    months[date(2026, 7, 1)] = comex.Month(30_000 + PRODUCTS.index(str(ask.hint)), 5_000, 10)
    updated = duetimes.due_at(SOURCES["comex_volume"], ask.session) - EARLY
    return comex.volume_json(months, ask.session, updated=updated)


PRODUCTS = ("SI", "GC", "HG", "PL", "PA")
_METALS = dict(zip(PRODUCTS, ("Silver", "Gold", "Copper", "Platinum", "Palladium"), strict=True))
_PRICES = {"SI": 80.0, "GC": 4_900.0, "HG": 5.8, "PL": 2_100.0, "PA": 1_700.0}


def _settlements(ask: Ask) -> bytes:
    code = str(ask.hint)
    price = _PRICES[code]
    months = {
        date(2026, 5, 1): comex.Price(f"{price:.3f}", volume=40_000, prior_open_interest=90_000),
        date(2026, 7, 1): comex.Price(f"{price * 1.01:.3f}", volume=5_000, prior_open_interest=30_000),
    }
    return comex.settlements_json(months, ask.session, product=f"{_METALS[code]} Future")


def statuses(questions: Sequence[Question]) -> list[int]:
    return [question.status for question in questions]
