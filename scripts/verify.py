"""Prove that an environment processes payments, and have its outputs show it: the way up for its artifact."""

from launch import run  # type: ignore[import-not-found] # beside this file

if __name__ == "__main__":
    run("operations.commands.verify")
