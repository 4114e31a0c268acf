"""How a message looks: one list of blocks, drawn once as plain text and once as HTML."""
