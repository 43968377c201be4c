"""Where the engine keeps its state for a team: one bucket, and a key for the secrets of each environment.

scripts/state.py → read what there is → decide what is missing → show, ask → carry out
"""
