"""Look at payments: one with its audit trail, a day's list, the proof of the trail, a day's books."""

from launch import run  # type: ignore[import-not-found] # beside this file

if __name__ == "__main__":
    run("operations.commands.payment")
