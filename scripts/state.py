"""Make the bucket that keeps the stacks' state for a team, and a key for the secrets of each environment."""

from launch import run  # type: ignore[import-not-found] # beside this file

if __name__ == "__main__":
    run("operations.commands.state")
