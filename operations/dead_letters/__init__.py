"""Dead letters: why each is there, by the function's own parser and the ledger, and which may go back."""
