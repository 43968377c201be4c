"""See what waits in the dead-letter queue and why, and send back what may succeed now."""

from launch import run  # type: ignore[import-not-found] # beside this file

if __name__ == "__main__":
    run("operations.commands.redrive")
