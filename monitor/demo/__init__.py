"""The bundled files behind `bullion demo`, and the story told with them.

`files/` holds files in the publishers' layouts, written by our own factories; `arrivals.csv` says when each reaches
the inbox, `figures.csv` where each figure in them comes from and which are derived or invented.
"""
