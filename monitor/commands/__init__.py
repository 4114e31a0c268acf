"""One file per command of `bullion`; each is imported only when it is asked for."""
