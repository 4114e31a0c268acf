"""A daemon to be killed: `python -m tests.kill_child HOME TOWN SMTP_PORT CA_FILE FROM TO`.

It plays simulated moments from FROM to TO, six hours apart, and says on stdout what it has acknowledged, one word
and one name a line, so that whoever kills it knows what must not be lost:

    open -              the home is about to be opened
    step MOMENT         this round begins
    kept SHA256         the archive has these bytes
    journaled SHA256    the journal has what was decided about them
    stored SHA256       the database has this file
    asked URL           the log has how this question went
    composed MESSAGE-ID  this mail is written, and in no file yet
    written MESSAGE-ID  this memo is written, and in no file yet
    replaced ROWS       these rows have given way to a letter, and nothing of it is committed
    queued LETTERS      the ledger has these many letters
    published NAME      this generation is the newest
    sent MESSAGE-ID     the mail server has taken this mail
    end -               every moment has been played

With BULLION_DIE=WORD:N it kills itself when it has said that word so many times. BULLION_A_DAY is how many mails a day
brings; what is beyond them waits for the memo.
"""

from __future__ import annotations

import os
import signal
import sys
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from alerts import digest, outbox
from alerts.channels import email
from monitor import news, sqlfiles
from monitor.batch import Teller
from monitor.config import Settings
from monitor.daemon import Daemon
from monitor.house import House
from monitor.memopost import MemoPost
from monitor.model import Notice
from tests.asker import TownAsker, desk_settings, moments

SOURCES = ("shfe_warrants", "sge_quotes", "ecb_fx", "comex_stocks")
STEP = timedelta(hours=6)
_ON = ("source_stale", "shfe_warrant_drop", "coverage_raw", "vault_outflow", "source_disagreement")
OFF = tuple(sorted({path.stem for path in sqlfiles.folder("checks")} - set(_ON)))
"""All but a few are off: a round takes a tenth of the time, and every event is to be found in a letter."""


_DIE, _, _TIMES = os.environ.get("BULLION_DIE", "").partition(":")
_said: Counter[str] = Counter()
A_DAY = os.environ.get("BULLION_A_DAY", "")


def say(word: str, name: str = "-") -> None:
    """At once and whole, so that a kill loses no word said; then the kill, where one is asked for."""
    os.write(1, f"{word} {name}\n".encode())
    _said[word] += 1
    if word == _DIE and _said[word] == int(_TIMES):
        os.kill(os.getpid(), signal.SIGKILL)


def loud(owner: object, function: str, word: str, name: Callable[..., object]) -> None:
    """Have a method say a word whenever it has done its work; nothing where it has no name for it."""
    quiet = getattr(owner, function)

    def called(*args: Any, **kwargs: Any) -> Any:
        result = quiet(*args, **kwargs)
        if named := name(result, *args):
            say(word, str(named))
        return result

    setattr(owner, function, called)


def settings() -> Settings:
    """Those of a desk, with as few mails as were asked for."""
    found = desk_settings(SOURCES, OFF)
    few = {"a_day": int(A_DAY), "critical_a_day": int(A_DAY)} if A_DAY else {}
    return found.model_copy(update={"mail": found.mail.model_copy(update=few)})


def main() -> None:
    home, town, port, ca_file, start, end = sys.argv[1:]
    smtp = email.Settings(
        host="127.0.0.1", port=int(port), tls="starttls", user=None, password=None,
        sender="Bullion <bullion@example.org>", hostname="desk.example.org", timeout_seconds=10.0, ca_file=ca_file,
    )  # fmt: skip

    def send(notice: Notice, now: datetime) -> str:
        reply = email.send(notice, smtp, now)
        say("sent", notice.message_id)
        return reply

    say("open")
    with House(settings(), Path(home), datetime.fromisoformat(start)) as house:
        teller = Teller(house, {"email": send}, host="desk.example.org")
        loud(house.archive, "keep", "kept", lambda kept, *_: kept.sha256)
        loud(house.archive, "journal", "journaled", lambda _, line: line.sha256)
        loud(house.archive, "log_ask", "asked", lambda _, line: line.url)
        loud(house.store, "load", "stored", lambda _, file: file.sha256)
        loud(house, "publish", "published", lambda path, _: path.name)
        loud(news, "compose", "composed", lambda notice, *_: notice.message_id)
        loud(digest, "notice", "written", lambda notice, *_: notice.message_id)
        loud(outbox, "replace_rows", "replaced", lambda _, __, rows: ",".join(map(str, rows)))
        loud(teller.ledger, "record", "queued", lambda letters, *_: letters)
        loud(teller.ledger, "memo", "queued", lambda letters, *_: letters)
        daemon = Daemon(house, teller, TownAsker(town), memo=MemoPost(house, teller.ledger, teller.host))
        for moment in moments(datetime.fromisoformat(start), datetime.fromisoformat(end), STEP):
            say("step", moment.isoformat())
            for trouble in daemon.step(moment).troubles:
                say("trouble", trouble.replace(" ", "_"))
        teller.close()
    say("end")


if __name__ == "__main__":
    main()
