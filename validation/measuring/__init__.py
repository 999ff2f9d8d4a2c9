"""How each kind of need is measured: one file a kind, and the table of them."""
