"""`python -m operations.engine`: makes sure that there is an engine, and tells which."""

import sys

from operations.engine import EngineUnavailable, ensure_engine


def main() -> int:
    """Returns 2 where there is no engine and none can be built, 130 on Ctrl-C."""
    try:
        engine = ensure_engine()
    except EngineUnavailable as error:
        print(error, file=sys.stderr)  # noqa: T201  this is a command line
        return 2
    except KeyboardInterrupt:
        print("Interrupted. What was compiled is kept: the next build goes on from there.", file=sys.stderr)  # noqa: T201
        return 130
    print(f"Pulumi {engine.version}: {engine.executable}", file=sys.stderr)  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
