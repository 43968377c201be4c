"""Report how two environments differ, and why; whether accounts match the state, and the state the program;
and what the accounts hold beside the stacks."""

from launch import run  # type: ignore[import-not-found] # beside this file

if __name__ == "__main__":
    run("operations.commands.drift")
