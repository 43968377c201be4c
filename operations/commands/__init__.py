"""The commands: what `payments NAME` and `python scripts/NAME.py` run."""
