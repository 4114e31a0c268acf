"""Whatever the readings, batches, crashes and revisions: alerts keep their promises, and planted faults are noticed.

Everything here is made up by hypothesis. `BULLION_SOAK=20` makes twenty times as many examples.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

from monitor import judge
from monitor.judge import Folded, State, fold
from monitor.model import Event, Policy, Reading, Severity, Transition, Verdict
from monitor.telling import Change, Difference, Told, difference
from tests import oracle
from tests.oracle import Said, day, readings

EXAMPLES = 300 * int(os.environ.get("BULLION_SOAK", "1"))
MANY = settings(max_examples=EXAMPLES, derandomize=True, database=None)
START = datetime(2026, 3, 2, 22, 0, tzinfo=UTC)


# Long runs of one verdict are what opens and closes episodes; letters drawn one by one hardly ever make them.
RUNS = st.lists(st.tuples(st.sampled_from("CCCbWWXX.!"), st.sampled_from((1, 1, 2, 2, 3, 4, 5, 12))), max_size=14)
VERDICTS = RUNS.map(lambda runs: "".join(letter * length for letter, length in runs))


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """Any policy that can be satisfied, of the sizes in use."""
    enter_m, critical_m = draw(st.integers(1, 4)), draw(st.integers(1, 5))
    return Policy(
        enter_n=draw(st.integers(1, enter_m)),
        enter_m=enter_m,
        leave=draw(st.integers(1, 3)),
        critical_n=draw(st.integers(1, critical_m)),
        critical_m=critical_m,
    )


class TestFolding:
    @MANY
    @given(VERDICTS, policies())
    def test_it_finds_the_episodes_a_naive_search_finds(self, verdicts: str, policy: Policy) -> None:
        folded = fold(readings(verdicts), policy)
        found = [oracle.Trouble(e.opened, e.closed, e.severity.value, e.peak.value) for e in folded.episodes]
        assert found == oracle.troubles(readings(verdicts), policy)
        assert (folded.state.value, folded.progress) == oracle.state(readings(verdicts), policy)

    @MANY
    @given(VERDICTS, policies(), st.randoms(use_true_random=False))
    def test_the_order_of_arrival_does_not_matter(self, verdicts: str, policy: Policy, random: Random) -> None:
        arrived = readings(verdicts)
        random.shuffle(arrived)
        assert fold(arrived, policy) == fold(readings(verdicts), policy)

    @MANY
    @given(VERDICTS, policies(), st.data())
    def test_missing_data_are_neutral(self, verdicts: str, policy: Policy, data: st.DataObject) -> None:
        """Taking the readings without data away, or adding more of them, changes no episode and no state."""
        observed = [r for r in readings(verdicts) if r.verdict.observed]
        less, more = fold(observed, policy), fold(readings(verdicts + data.draw(st.text(".!", max_size=9))), policy)
        assert (less.episodes, less.state, less.progress) == (more.episodes, more.state, more.progress)

    @MANY
    @given(VERDICTS, policies())
    def test_an_episode_opens_exactly_on_the_breach_that_makes_it_so(self, verdicts: str, policy: Policy) -> None:
        """One reading earlier it was not open, and it opens on a breach."""
        for episode in fold(readings(verdicts), policy).episodes:
            before = fold([r for r in readings(verdicts) if r.session < episode.opened], policy)
            opening = next(r for r in readings(verdicts) if r.session == episode.opened)
            assert before.head is None
            assert opening.verdict.breach

    @MANY
    @given(VERDICTS, policies())
    def test_an_episode_closes_exactly_on_the_last_clear_session_of_a_full_row(
        self, verdicts: str, policy: Policy
    ) -> None:
        for episode in fold(readings(verdicts), policy).episodes:
            if episode.closed:
                until = [r for r in readings(verdicts) if r.verdict.observed and r.session <= episode.closed]
                assert [r.verdict for r in until[-policy.leave :]] == [Verdict.CLEAR] * policy.leave
                assert fold(until[:-1], policy).head is not None

    @MANY
    @given(VERDICTS, policies())
    def test_without_a_clear_session_there_is_at_most_one_episode(self, verdicts: str, policy: Policy) -> None:
        assert len(fold(readings(verdicts.replace("C", "b")), policy).episodes) <= 1

    @MANY
    @given(VERDICTS, policies())
    def test_a_longer_history_keeps_the_episodes_that_were_closed(self, verdicts: str, policy: Policy) -> None:
        whole = fold(readings(verdicts), policy).episodes
        half = fold(readings(verdicts[: len(verdicts) // 2]), policy).episodes
        closed = [e for e in half if e.closed]
        assert list(whole[: len(closed)]) == closed

    @MANY
    @given(VERDICTS, policies())
    def test_the_state_agrees_with_the_episodes(self, verdicts: str, policy: Policy) -> None:
        folded = fold(readings(verdicts), policy)
        assert (folded.head is not None) == (folded.state in (State.FIRING, State.RECOVERING))


@dataclass(frozen=True)
class Batch:
    """One evaluation: how many sessions there are by then, how much later, and where the process dies."""

    sessions: int
    hours: int
    crash: str


@dataclass(frozen=True)
class History:
    """A made-up run of the monitor."""

    policy: Policy
    verdicts: str
    batches: tuple[Batch, ...]
    shuffle: int


@st.composite
def histories(draw: st.DrawFn) -> History:
    """Readings that only grow, looked at now and then by a monitor that sometimes dies."""
    verdicts = draw(VERDICTS) + draw(VERDICTS) or "C"
    sizes = sorted(draw(st.lists(st.integers(1, len(verdicts)), min_size=4, max_size=12)))
    crashes = st.sampled_from(("", "", "", "before", "after"))
    batches = tuple(Batch(size, draw(st.sampled_from((6, 24, 120))), draw(crashes)) for size in sizes)
    return History(draw(policies()), verdicts, batches, draw(st.integers(0, 99)))


class Desk:
    """The monitor's alerts in memory: what it does, and where a crash can stop it."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.told: Told | None = None
        self.mail: list[Transition] = []

    def fold(self, seen: Sequence[Reading]) -> Folded:
        return fold(seen, self.policy)

    def compare(self, folded: Folded, now: datetime) -> Difference:
        return difference(self.told, folded, self.policy, now=now, at_start=self.told is None)

    def keep(self, said: Difference, *, dies: bool) -> None:
        """Mail and told-state are one transaction: a crash comes before it or after it."""
        self.mail += [change.transition for change in said.changes]
        self.told = said.told

    def batch(self, seen: Sequence[Reading], now: datetime, crash: str = "") -> None:
        said = self.compare(self.fold(seen), now)
        if crash == "before":
            return
        self.keep(said, dies=crash == "after")
        if crash == "after":
            self.keep(self.compare(self.fold(seen), now), dies=False)

    def play(self, history: History) -> list[Said]:
        """Everything mailed over a history."""
        arrival, now = Random(history.shuffle), START
        for batch in history.batches:
            now += timedelta(hours=batch.hours)
            seen = readings(history.verdicts[: batch.sessions])
            arrival.shuffle(seen)
            self.batch(seen, now, batch.crash)
        return [Said(t.event.value, t.opened, t.severity.value) for t in self.mail]


def expected(history: History) -> list[Said]:
    """What the oracle says people hear. A batch that died before its transaction might as well not have run."""
    now, batches = START, []
    for batch in history.batches:
        now += timedelta(hours=batch.hours)
        if batch.crash != "before":
            batches.append((readings(history.verdicts[: batch.sessions]), now))
    return [said for messages in oracle.says(batches, history.policy) for said in messages]


@MANY
@given(histories())
def test_whatever_crashes_people_hear_everything_once(history: History) -> None:
    assert Desk(history.policy).play(history) == expected(history)


class DropsMissed(Desk):
    """Episodes that came and went between two batches are forgotten."""

    def compare(self, folded: Folded, now: datetime) -> Difference:
        return _without(super().compare(folded, now), Event.MISSED)


class ResolvesOnNoData(Desk):
    """No data is taken for good news."""

    def fold(self, seen: Sequence[Reading]) -> Folded:
        return fold(_read_as(seen, {Verdict.NODATA: Verdict.CLEAR}), self.policy)


class NoDataBreaksTheRow(Desk):
    """A session without data starts the count towards opening again."""

    def fold(self, seen: Sequence[Reading]) -> Folded:
        return fold(_read_as(seen, {Verdict.ERROR: Verdict.BAND, Verdict.NODATA: Verdict.BAND}), self.policy)


class BandIsClear(Desk):
    """No hysteresis."""

    def fold(self, seen: Sequence[Reading]) -> Folded:
        return fold(_read_as(seen, {Verdict.BAND: Verdict.CLEAR}), self.policy)


class ClosesLate(Desk):
    """One clear session too many is wanted."""

    def fold(self, seen: Sequence[Reading]) -> Folded:
        return fold(seen, replace(self.policy, leave=self.policy.leave + 1))


class _CountsEveryClear(judge._Run):
    def _stay(self, session: date, critical: bool, clear: bool) -> None:
        before = self.clears
        super()._stay(session, critical, clear)
        if self.opened is not None and not clear:
            self.clears = before


class ClearsNeedNoRow(Desk):
    """Clear sessions close an episode though breaches lie between them."""

    def fold(self, seen: Sequence[Reading]) -> Folded:
        run = _CountsEveryClear(self.policy, "")
        return judge._walk(sorted(seen, key=lambda r: r.session), run)


class _Remembers(judge._Run):
    def _close(self, session: date) -> None:
        kept = self.breaches
        super()._close(session)
        self.breaches = kept


class WindowOutlivesTheClose(Desk):
    """Breaches before a close help to open again."""

    def fold(self, seen: Sequence[Reading]) -> Folded:
        return judge._walk(sorted(seen, key=lambda r: r.session), _Remembers(self.policy, ""))


class TrustsArrivalOrder(Desk):
    """Readings are judged as they came."""

    def fold(self, seen: Sequence[Reading]) -> Folded:
        return judge._walk(seen, judge._Run(self.policy, ""))


class MailsThenRemembers(Desk):
    """Mail and told-state are two transactions: a crash between them sends twice."""

    def keep(self, said: Difference, *, dies: bool) -> None:
        self.mail += [change.transition for change in said.changes]
        self.told = said.base if dies else said.told


class RemembersThenMails(Desk):
    """The other way round: a crash between them loses mail."""

    def keep(self, said: Difference, *, dies: bool) -> None:
        self.mail += [] if dies else [change.transition for change in said.changes]
        self.told = said.told


class SwallowsEscalation(Desk):
    """Severity is raised without a word."""

    def compare(self, folded: Folded, now: datetime) -> Difference:
        return _without(super().compare(folded, now), Event.ESCALATED)


class NeverLowers(Desk):
    """The told severity stays at its worst, so that the next escalation is not told."""

    def keep(self, said: Difference, *, dies: bool) -> None:
        before = self.told
        super().keep(said, dies=dies)
        if before and self.told and self.told.opened == before.opened is not None:
            worst = Severity.CRITICAL if before.severity is Severity.CRITICAL else self.told.severity
            self.told = replace(self.told, severity=worst)


class MissedAsRecovered(Desk):
    """A RECOVERED is sent for a story nobody was told of."""

    def compare(self, folded: Folded, now: datetime) -> Difference:
        said = super().compare(folded, now)
        return replace(said, changes=tuple(_as_recovered(change) for change in said.changes))


class DigsUpThePast(Desk):
    """An episode is told however long ago it ended."""

    def compare(self, folded: Folded, now: datetime) -> Difference:
        said = super().compare(folded, now)
        if self.told is None:
            return said
        key = ("made_up", "silver", Event.MISSED)
        old = tuple(
            Change(Transition(*key, e.peak, e.opened, e.closed or e.opened, e.closed), said.base) for e in said.silent
        )
        return replace(said, changes=(*old, *said.changes))


class ForgetsOldStories(Desk):
    """Told-state has a retention of five sessions, open or not."""

    def keep(self, said: Difference, *, dies: bool) -> None:
        super().keep(said, dies=dies)
        if self.told and said.told.told_session and said.told.told_session < day(said.told.seq * 5):
            self.told = replace(self.told, opened=None)


class LosesTheNextStory(Desk):
    """When one story closes and the next opens in one batch only the close is said."""

    def compare(self, folded: Folded, now: datetime) -> Difference:
        said = super().compare(folded, now)
        if len(said.changes) < 2:
            return said
        return replace(said, changes=(replace(said.changes[0], told=said.told),))


class NagsTooSoon(Desk):
    """Repeats do not wait for the twenty hours."""

    def compare(self, folded: Folded, now: datetime) -> Difference:
        if self.told and self.told.told_at:
            self.told = replace(self.told, told_at=self.told.told_at - timedelta(hours=20))
        return super().compare(folded, now)


def _read_as(seen: Sequence[Reading], other: dict[Verdict, Verdict]) -> list[Reading]:
    return [replace(reading, verdict=other.get(reading.verdict, reading.verdict)) for reading in seen]


def _without(said: Difference, event: Event) -> Difference:
    kept = tuple(change for change in said.changes if change.transition.event is not event)
    return replace(said, base=said.base if kept else said.told, changes=kept)


def _as_recovered(change: Change) -> Change:
    if change.transition.event is not Event.MISSED:
        return change
    return replace(change, transition=replace(change.transition, event=Event.RECOVERED))


FAULTS = [
    DropsMissed, ResolvesOnNoData, NoDataBreaksTheRow, BandIsClear, ClosesLate, ClearsNeedNoRow, WindowOutlivesTheClose,
    TrustsArrivalOrder, MailsThenRemembers, RemembersThenMails, SwallowsEscalation, NeverLowers, MissedAsRecovered,
    DigsUpThePast, ForgetsOldStories, LosesTheNextStory, NagsTooSoon,
]  # fmt: skip


@pytest.mark.parametrize("faulty", FAULTS)
def test_a_planted_fault_is_noticed(faulty: type[Desk]) -> None:
    """The comparison above would fail if the monitor had this fault."""
    looked_at = settings(
        max_examples=5_000, phases=[Phase.generate], database=None,         suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    try:
        find(histories(), lambda h: faulty(h.policy).play(h) != expected(h), settings=looked_at, random=Random(2026))
    except NoSuchExample:
        pytest.fail(f"nobody notices: {faulty.__doc__}")


@st.composite
def revised(draw: st.DrawFn) -> tuple[Policy, list[str]]:
    """Readings that grow and are revised: each batch sees the history as it then reads."""
    policy = replace(draw(policies()), late_arrival_recovers=draw(st.booleans()))
    now, seen = draw(VERDICTS), []
    for _ in range(draw(st.integers(1, 8))):
        now += draw(VERDICTS)[:6]
        for at, letter in draw(st.lists(st.tuples(st.integers(0, 60), st.sampled_from("CbWX.")), max_size=4)):
            if at < len(now):
                now = now[:at] + letter + now[at + 1 :]
        seen.append(now)
    return policy, [verdicts for verdicts in seen if verdicts]


class TestRevisions:
    @MANY
    @given(revised())
    def test_nothing_is_closed_that_was_not_opened(self, run: tuple[Policy, list[str]]) -> None:
        policy, histories_seen = run
        desk, told_open = Desk(policy), None
        for number, verdicts in enumerate(histories_seen):
            desk.batch(readings(verdicts), START + timedelta(days=number))
        for said in desk.mail:
            if said.event in (Event.FIRING, Event.AT_START, Event.MISSED):
                assert told_open is None
            else:
                assert told_open == said.opened
            if said.event in (Event.FIRING, Event.AT_START):
                told_open = said.opened
            elif said.event in (Event.RECOVERED, Event.RETRACTED):
                told_open = None
        assert desk.told is None or desk.told.opened == told_open

    @MANY
    @given(revised())
    def test_the_same_batch_again_says_nothing(self, run: tuple[Policy, list[str]]) -> None:
        policy, histories_seen = run
        desk = Desk(policy)
        for number, verdicts in enumerate(histories_seen):
            now = START + timedelta(days=number)
            desk.batch(readings(verdicts), now)
            again = desk.compare(desk.fold(readings(verdicts)), now)
            assert (again.changes, again.silent, again.told) == ((), (), desk.told)

    @MANY
    @given(revised())
    def test_after_each_batch_people_know_what_is_open(self, run: tuple[Policy, list[str]]) -> None:
        """And where they are told of something that is not, its opening is not contradicted: data went missing."""
        policy, histories_seen = run
        desk = Desk(policy)
        for number, verdicts in enumerate(histories_seen):
            desk.batch(readings(verdicts), START + timedelta(days=number))
            head = desk.fold(readings(verdicts)).head
            assert desk.told is not None
            if head:
                assert desk.told.opened is not None
                assert desk.told.severity is head.severity
            elif desk.told.opened:
                up_to = verdicts[: (desk.told.opened - day(0)).days + 1]
                assert "." in up_to or "!" in up_to

    @MANY
    @given(VERDICTS, policies(), st.data())
    def test_breaches_that_go_missing_resolve_nothing(self, verdicts: str, policy: Policy, data: st.DataObject) -> None:
        desk = Desk(policy)
        if verdicts:
            desk.batch(readings(verdicts), START)
        if desk.told is None or desk.told.opened is None:
            return
        seen = list(verdicts)
        breaches = [i for i, letter in enumerate(seen) if letter in "WX" and day(i) <= desk.told.opened]
        for gone in data.draw(st.sets(st.sampled_from(breaches))):
            seen[gone] = "."
        opened = desk.told.opened
        desk.batch(readings("".join(seen)), START)
        assert desk.told.opened == opened

    @MANY
    @given(revised())
    def test_a_recovery_never_comes_without_as_many_clear_sessions_as_it_takes(
        self, run: tuple[Policy, list[str]]
    ) -> None:
        policy, histories_seen = run
        desk = Desk(replace(policy, late_arrival_recovers=False))
        for number, verdicts in enumerate(histories_seen):
            heard = len(desk.mail)
            desk.batch(readings(verdicts), START + timedelta(days=number))
            for said in desk.mail[heard:]:
                if said.event is Event.RECOVERED:
                    until = [r.verdict for r in readings(verdicts) if r.verdict.observed and r.session <= said.session]
                    assert until[-policy.leave :] == [Verdict.CLEAR] * policy.leave
