"""Files in the layouts of the ECB's reference rates, written from plain numbers. All rates here are made up."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

Rates = Mapping[date, Mapping[str, float | str]]
"""Date -> currency -> how much one euro buys; a text such as 'N/A' is printed as it stands."""

RATES: Final[Rates] = {
    date(2026, 10, 28): {"USD": 1.11, "JPY": 175.0, "CNY": 7.40, "INR": 105.5},
    date(2026, 10, 29): {"USD": 1.12, "JPY": 176.0, "CNY": 7.41, "INR": 105.9},
    date(2026, 10, 30): {"USD": 1.13, "JPY": 177.5, "CNY": 7.42, "INR": 106.2},
}


def ecb_hist_csv(rates: Rates = RATES, *, currencies: Sequence[str] | None = None, ends: str = "\n") -> bytes:
    """`eurofxref-hist.csv`: newest first, ISO dates, N/A for a missing rate, an empty last column.

    `currencies` orders the columns (default: as they first appear); `ends` is the line ending.
    """
    names = currencies or _currencies(rates)
    days = sorted(rates, reverse=True)
    body = [f"{day}," + ",".join(str(rates[day].get(name, "N/A")) for name in names) + "," for day in days]
    return (ends.join(["Date," + ",".join(names) + ",", *body]) + ends).encode()


def ecb_daily_csv(day: date, rates: Mapping[str, float | str]) -> bytes:
    """`eurofxref.csv`: one date written out, comma and space, an empty last column."""
    head = "Date, " + "".join(f"{name}, " for name in rates)
    return f"{head}\n{day.day} {day:%B} {day.year}, {''.join(f'{rate}, ' for rate in rates.values())}\n".encode()


def ecb_zip(content: bytes, name: str = "eurofxref-hist.csv", *, more: Mapping[str, bytes] | None = None) -> bytes:
    """A zip of one file called `name`, and of `more` files where given."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
        for other, data in (more or {}).items():
            archive.writestr(other, data)
    return stream.getvalue()


def ecb_xml(rates: Rates = RATES) -> bytes:
    """`eurofxref-daily.xml` or its longer kin: a Cube with a time for each date, newest first."""
    days = []
    for day in sorted(rates, reverse=True):
        cubes = "".join(f"\t\t\t<Cube currency='{name}' rate='{rate}'/>\n" for name, rate in rates[day].items())
        days.append(f"\t\t<Cube time='{day}'>\n{cubes}\t\t</Cube>\n")
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" '
        'xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">\n'
        "\t<gesmes:subject>Reference rates</gesmes:subject>\n"
        "\t<Cube>\n" + "".join(days) + "\t</Cube>\n</gesmes:Envelope>\n"
    ).encode()


def _currencies(rates: Rates) -> list[str]:
    return list(dict.fromkeys(name for day in rates.values() for name in day))
