"""A made-up year of alerts with everything that goes wrong in one, played and judged from the mails that arrived.

`script` writes what happens, `desk` plays it, `mails` reads what arrived, `verdict` says what is wrong with it.
"""
