"""Deploy to AWS accounts on this machine: see `python scripts/sandbox.py --help`."""

from launch import run  # type: ignore[import-not-found] # beside this file

if __name__ == "__main__":
    run("sandbox.command")
