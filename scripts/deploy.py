"""Bring environments up, preview them, or take them down."""

from launch import run  # type: ignore[import-not-found] # beside this file

if __name__ == "__main__":
    run("operations.commands.deploy")
