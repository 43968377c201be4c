"""Make the repository yours: write your organisation's values into the stack files."""

from launch import run  # type: ignore[import-not-found] # beside this file

if __name__ == "__main__":
    run("operations.commands.init")
