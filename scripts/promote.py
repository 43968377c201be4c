"""Take a release up the ladder, safely: plan, show, ask, apply, verify, record."""

from launch import run  # type: ignore[import-not-found] # beside this file

if __name__ == "__main__":
    run("operations.commands.promote")
