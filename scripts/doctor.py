"""Check what an environment's account needs besides the stacks: a trail, Access Analyzer, the watch, …"""

from launch import run  # type: ignore[import-not-found] # beside this file

if __name__ == "__main__":
    run("operations.commands.doctor")
