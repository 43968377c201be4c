"""Collect the evidence about a deployed environment that an auditor asks for."""

from launch import run  # type: ignore[import-not-found] # beside this file

if __name__ == "__main__":
    run("operations.commands.evidence")
