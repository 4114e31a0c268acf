"""`bullion`: parse the command line, then run one command. Imports nothing heavy before it must."""

from __future__ import annotations

import argparse
import os
import sys
from datetime import date
from importlib import import_module

OK = 0
FAILED = 1
"""Something was refused, is missing, or did not work; the message says what."""
USAGE = 2
"""The command line or config.toml is wrong."""
BUSY = 3
"""Another process owns this home."""

_FORMATS = ("table", "csv", "json", "markdown", "parquet")


def main(argv: list[str] | None = None) -> int:
    """Run `bullion ARGS`; returns the exit code."""
    parser = _parser()
    args, rest = parser.parse_known_args(argv)
    if rest and not _are_values(args, rest):
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    if not getattr(args, "command", None):
        parser.print_help()
        return OK
    from monitor.errors import BullionError, Busy, ConfigError

    try:
        return int(import_module(f"monitor.commands.{args.command}").run(args))
    except BullionError as error:
        codes = {ConfigError: USAGE, Busy: BUSY}
        return _complain(error, codes.get(type(error), FAILED))
    except KeyboardInterrupt:
        return _complain("stopped", 130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK


def _are_values(args: argparse.Namespace, rest: list[str]) -> bool:
    """Whether these are values of `bullion sql` behind an option, which argparse does not find; they are taken up."""
    if getattr(args, "command", None) != "sql" or any("=" not in word or word.startswith("-") for word in rest):
        return False
    args.words += rest
    return True


def _complain(error: object, code: int) -> int:
    print(f"bullion: {error}", file=sys.stderr)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="bullion",
        description="Physical versus paper: a metals monitor that mails only numbers it can prove.",
        epilog="Exit codes: 0 done, 1 refused or failed, 2 wrong command line or config.toml, 3 the home is in use.",
    )
    parser.add_argument("--home", help="folder for everything Bullion writes (default: BULLION_HOME, then config.toml)")
    parser.add_argument(
        "--config", help="config.toml to use (default: ./config.toml, ~/.config/bullion/config.toml, shipped)"
    )
    commands = parser.add_subparsers(title="commands", metavar="")
    _collecting(commands)
    _asking(commands)
    _keeping(commands)
    return parser


def _collecting(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    run = _add(commands, "run", "the daemon: collect, check, mail, until stopped")
    run.add_argument("--once", action="store_true", help="one round, then stop")
    load = _add(commands, "load", "load report files or folders now; files are copied, not moved")
    load.add_argument("paths", nargs="+", metavar="PATH")
    load.add_argument("--product", help="product of files that do not name it: SI, GC, HG, PL, PA")
    backfill = _add(commands, "backfill", "ask a publisher for what is missing of the past; resumes where it stopped")
    backfill.add_argument("name", metavar="SOURCE")
    backfill.add_argument("--from", dest="start", type=_day, required=True, metavar="DATE", help="first session")
    backfill.add_argument("--to", dest="end", type=_day, metavar="DATE", help="last session (default: the newest due)")
    backfill.add_argument("--again", action="store_true", help="ask also what was answered less than a day ago")
    backfill.add_argument("--json", action="store_true", help="the summary as JSON")
    demo = _add(commands, "demo", "the February 2026 squeeze on bundled files, in simulated time")
    demo.add_argument("--keep", metavar="DIR", help="where to leave the demo's home (default: a temporary folder)")
    page = _add(commands, "page", "the page in a browser, without the daemon, until stopped")
    page.add_argument(
        "--listen", metavar="ADDRESS:PORT", help="where to serve it (default: page.listen in config.toml)"
    )
    status = _add(commands, "status", "each source: last session held, next due, state, last error")
    status.add_argument("--json", action="store_true")
    due = _add(commands, "due", "what to save by hand now, from where, since when, and which readings wait")
    due.add_argument("--json", action="store_true")
    sources = _add(commands, "sources", "what can be read, from whom, under which terms, how far verified")
    sources.add_argument("names", nargs="*", metavar="SOURCE", help="only these (default: all)")
    sources.add_argument(
        "--check", action="store_true", help="one line each; exit 1 where a declaration lacks something"
    )
    sources.add_argument("--json", action="store_true")
    sources.add_argument("--format", choices=("text", "markdown"), default="text", help="markdown: docs/sources.md")


def _asking(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    check = _add(commands, "check", "run the checks and print their newest readings")
    check.add_argument("names", nargs="*", metavar="CHECK", help="only these (default: all)")
    check.add_argument("--as-of", metavar="DATE", help="look at sessions up to this date")
    check.add_argument("--all", action="store_true", help="every session of the window, not only the newest")
    _moment(check)
    check.add_argument("--format", choices=("table", "json"), default="table")
    _explaining(commands)
    _digest(commands)
    _backtest(commands)
    _sql(commands)
    export = _add(commands, "export", "every view as Parquet, one folder each, with a data dictionary")
    export.add_argument("folder", metavar="DIR", help="new, empty, or of an earlier export, which it replaces")
    export.add_argument("--view", action="append", default=[], metavar="NAME", help="only this one; repeat for more")
    export.add_argument("--as-of", metavar="DATE", help="sessions up to this date")
    _moment(export)


def _sql(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    sql = _add(commands, "sql", "ask the newest published generation anything, read-only; without a query, a prompt")
    sql.add_argument(
        "words", nargs="*", metavar="SELECT | NAME=VALUE",
        help="the query, then a value for each $name in it; with -f or --query the values alone; with --list, views",
    )  # fmt: skip
    sql.add_argument("-f", "--file", help="file with the query")
    sql.add_argument("--query", metavar="NAME", help="a saved query (--list names them)")
    sql.add_argument("--list", action="store_true", help="views with columns, units and meanings, and saved queries")
    sql.add_argument("--explain", action="store_true", help="the plan of the query instead of its rows")
    sql.add_argument("-i", "--interactive", action="store_true", help="the prompt, even where input is no terminal")
    sql.add_argument("--format", choices=_FORMATS, default="table")
    sql.add_argument("--json", action="store_const", const="json", dest="format", help="short for --format json")
    sql.add_argument("-o", "--output", help="file to write (needed for parquet)")
    sql.add_argument("--limit", type=int, default=1000, metavar="N", help="rows at most (default 1000; 0 for all)")
    sql.add_argument("--seconds", type=float, default=30, help="time limit (default 30)")
    sql.add_argument("--as-of", metavar="DATE", help="look at sessions up to this date")
    _moment(sql)


def _digest(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    memo = _add(commands, "digest", "the memo: what changed, what is open, stocks, deliveries, coverage, dates ahead")
    memo.add_argument("--as-of", metavar="DATE", help="sessions up to this date, as known when it ended (UTC)")
    _moment(memo)
    memo.add_argument("--since", metavar="TIME", help="tell changes against this moment (default: a weekday earlier)")
    memo.add_argument("--weekly", action="store_true", help="tell changes against the week before")
    memo.add_argument("--format", choices=("text", "md", "html"), default="text")


def _backtest(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    past = _add(commands, "backtest", "what would have been mailed in the past, from what was known at the time")
    past.add_argument("--check", action="append", default=[], metavar="NAME", help="only this one; repeat for more")
    past.add_argument("--from", dest="start", type=_day, required=True, metavar="DATE", help="first day")
    past.add_argument("--to", dest="end", type=_day, required=True, metavar="DATE", help="last day")
    past.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE",
        help="a second column with warn, critical, clear, enter or leave changed, e.g. warn=-10 or CHECK.leave=2",
    )  # fmt: skip
    past.add_argument("--events", metavar="FILE", help="CSV with date,label: lead times and precision against it")
    past.add_argument(
        "--calm", action="store_true", help="only the share of sessions beyond warn, by check and subject"
    )
    past.add_argument("--mails", metavar="DIR", help="write the mails there as .eml (with --set: those of the change)")
    past.add_argument("--chart", metavar="FILE", help="draw one check's value, levels and episodes as SVG")
    past.add_argument("--subject", metavar="NAME", help="whose value to draw (default: the one with most episodes)")
    past.add_argument("--plain", action="store_true", help="read every check anew for every day: slow, for proof")
    past.add_argument("--json", action="store_true")


def _explaining(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    explain = _add(
        commands, "explain", "one figure taken apart: formula, numbers, legs, archived files, what is typical"
    )
    explain.add_argument("name", metavar="CHECK", help="a check, or coverage: the newest known of each leg")
    explain.add_argument("subject", nargs="+", metavar="SUBJECT", help="e.g. SIH26, or COMEX silver")
    explain.add_argument("--as-of", metavar="DATE", help="sessions up to this date, as known at its noon UTC")
    _moment(explain)
    explain.add_argument("--json", action="store_true")
    claim = _add(commands, "claim", "a figure that somebody printed, against what the reports said")
    claim.add_argument("text", nargs="?", metavar="CLAIM", help='e.g. "102 Moz registered on 2026-02-10"')
    claim.add_argument("--list", action="store_true", help="the claims on file, with their verdicts")
    for name in ("metric", "value", "unit", "date", "since", "month", "venue", "symbol", "tolerance"):
        claim.add_argument(f"--{name}", metavar=name.upper())
    for name in ("price", "costs"):
        claim.add_argument(f"--{name}", metavar="USD", type=float)
    claim.add_argument("--metal", default="silver", choices=("silver", "gold", "platinum", "palladium", "copper"))
    claim.add_argument("--json", action="store_true")


def _keeping(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    archive = _add(commands, "archive", "the raw files: `bullion archive verify`")
    archive.add_argument("action", choices=("verify", "list"))
    archive.add_argument("--json", action="store_true")
    reparse = _add(commands, "reparse", "read archived files of a source again, with no request to anyone")
    reparse.add_argument("names", nargs="+", metavar="SOURCE")
    _alerts(commands)
    service = _add(commands, "install-service", "the hardened systemd unit of the daemon")
    service.set_defaults(command="install_service")
    service.add_argument("--print", action="store_true", help="print it")
    _add(commands, "rebuild", "make the database again from the archive")


def _alerts(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    alerts = _add(commands, "alerts", "what is open; acknowledge, silence, look back, try the way out")
    alerts.set_defaults(action="list", json=False)
    actions = alerts.add_subparsers(dest="action", metavar="ACTION")

    def add(name: str, text: str, *, acts: bool = False) -> argparse.ArgumentParser:
        parser = actions.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
        parser.add_argument("--json", action="store_true")
        if acts:
            parser.add_argument("--author", metavar="NAME", help="who does it (default: the user logged in)")
        return parser

    add("list", "what is told open, and which silences are in force")
    show, ack = add("show", "everything told of one alert"), add("ack", "no more reminders of an open one", acts=True)
    for parser in (show, ack):
        parser.add_argument("check", metavar="CHECK")
        parser.add_argument("subject", nargs="+", metavar="SUBJECT", help="e.g. SIH26, or COMEX silver")
    silence = add("silence", "hold back what is new of what matches, for at most 30 days", acts=True)
    silence.add_argument(
        "--match", action="append", required=True, metavar="NAME=VALUE",
        help="check, subject, severity, metal or venue; repeat for more, which all have to be equal",
    )  # fmt: skip
    silence.add_argument("--reason", required=True)
    until = silence.add_mutually_exclusive_group(required=True)
    until.add_argument("--for", dest="length", metavar="TIME", help="e.g. 90m, 12h, 7d")
    until.add_argument("--until", metavar="TIME", help="UTC, e.g. 2026-03-01T07:00")
    unsilence = add("unsilence", "end a silence now", acts=True)
    unsilence.add_argument("number", type=int, metavar="NUMBER")
    history = add("history", "everything ever told, oldest first")
    history.add_argument("--check", metavar="NAME", help="only of this one")
    history.add_argument("--since", type=_day, metavar="DATE", help="told on this day or later, UTC")
    add("test", "a message to everybody who would be told, sent now")


def _moment(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--known-at", metavar="TIME", help="as known at this moment, UTC, e.g. 2026-02-10T12:00")
    parser.add_argument(
        "--basis", choices=("published", "loaded"), default="published",
        help="known to the public (published, the default) or to this home (loaded)",
    )  # fmt: skip


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date such as 2026-02-10") from None


def _add(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, text: str
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
    parser.set_defaults(command=name)
    return parser


if __name__ == "__main__":
    sys.exit(main())
