"""A made-up year of alerts with everything that goes wrong in one, played and judged from the mails that arrived.

`script` writes what happens, `desk` plays it, `sights` searches what the readings said, `mails` reads what arrived,
`verdict` says what is wrong with it.
"""
