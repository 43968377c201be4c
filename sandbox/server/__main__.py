"""Serve AWS accounts on loopback: `python -m sandbox.server [--port N] [--detached]`.

It prints `serving http://127.0.0.1:PORT`, and ends when its standard input ends, so that no crash of the
sandbox leaves it behind; with --detached, on SIGTERM only.
"""

import argparse
import signal
import sys
import threading

from sandbox.server import adjustments

EXIT_NOT_SERVED = 2


def main(arguments: list[str]) -> int:
    """Serve until told to end."""
    parser = argparse.ArgumentParser(
        prog="python -m sandbox.server", description="Serve AWS accounts on loopback."
    )
    parser.add_argument("--port", type=int, default=0, help="port to serve on; a free one by default")
    parser.add_argument("--detached", action="store_true", help="go on when standard input ends")
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    adjustments.prepare_environment()
    from sandbox.server.application import Application, end_with_input, quiet

    quiet()
    try:
        application = Application(options.port)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        sys.stderr.write(
            f"Port {options.port} of 127.0.0.1 can't be had: {reason}. "
            "Name another with --port, or leave it out for a free one.\n"
        )
        return EXIT_NOT_SERVED
    sys.stdout.write(f"serving {application.address}\n")
    sys.stdout.flush()
    if not options.detached:
        threading.Thread(target=end_with_input, daemon=True).start()
    application.serve()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
