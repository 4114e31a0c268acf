"""One file per source; `registry.discover` finds them."""
