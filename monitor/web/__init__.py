"""The page: what is published, in a browser; figures as HTML from the server, scripts only to make it handier.

A request reads one generation, whatever is published meanwhile. Pages are listed in `routes.py`; the walls around them
(host names, origins, token, limits, headers) are in `walls.py`. What a page does to alerts is handed in by the
composition root.
"""
