"""The ledger: what each patrol did, how well places were watched, how rounds were kept."""
