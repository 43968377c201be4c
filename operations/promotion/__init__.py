"""Takes a release up the ladder: what staging has proved goes to prod, and nothing else.

evidence → gates (pure) → plan → show → confirm → apply → verify → record; on failure → put back, hold
"""
