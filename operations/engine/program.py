"""Runs one Pulumi program in a process of its own, for the language host.

It reports a failure to the engine in the program's own words and then exits with the status that tells the
host so. A `pulumi.RunError` (a mistake of the user's, such as a wrong configuration) is its message alone;
anything else comes with the traceback from the program on down.

What the SDK says for debugging, some 200 calls a stack, goes to the engine only where that is asked for by
`PULUMI_OPTION_DEBUG=true`, which is `--debug` by the environment: its options are not told to its plugins.
"""

import argparse
import asyncio
import atexit
import logging
import os
import runpy
import signal
import sys
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

EXPLAINED = 32
DEBUG = "PULUMI_OPTION_DEBUG"


def main(arguments: list[str]) -> int:
    """Runs the program that `arguments` name and returns the process's exit status."""
    try:
        import pulumi
        from pulumi import runtime
    except ImportError:
        traceback.print_exc()
        print(f"The Pulumi SDK is not installed for {sys.executable}. Run `make setup`.", file=sys.stderr)  # noqa: T201
        return 1
    options = _parser().parse_args(arguments)
    runtime.set_all_config(runtime.get_config_env(), runtime.get_config_secret_keys_env())
    runtime.configure(
        runtime.Settings(
            project=options.project,
            root_directory=options.root_directory,
            stack=options.stack,
            organization=options.organization,
            parallel=options.parallel,
            dry_run=options.dry_run == "true",
            monitor=options.monitor,
            engine=options.engine,
        )
    )
    if os.environ.get(DEBUG, "") in {"", "0", "false"}:
        pulumi.log.debug = lambda *_, **__: None
    # The engine ends its plugins by an interrupt to the whole group: no traceback for that.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    sys.argv = [options.program, *options.arguments]
    # A program that fails leaves outputs unresolved; asyncio would complain of each after the real error.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    executor = ThreadPoolExecutor(max_workers=max(options.parallel, 1) * 4)
    loop.set_default_executor(executor)
    try:
        loop.run_until_complete(runtime.run_in_stack(lambda: _run(options.program)))
    except pulumi.RunError as error:
        pulumi.log.error(str(error))
        return EXPLAINED
    except Exception as error:  # noqa: BLE001  whatever a program may raise is reported, here as in Pulumi's own host
        pulumi.log.error(f"Program failed with an unhandled exception:\n{_traceback(error, options.program)}")
        return EXPLAINED
    finally:
        executor.shutdown(wait=True)
        loop.close()
    return 0


def leave(status: int) -> None:
    """Ends the process as its normal end would, but for taking the SDK's thousands of classes apart."""
    threading._shutdown()  # type: ignore[attr-defined]  # waits for the program's own threads
    atexit._run_exitfuncs()  # runs what the program has registered
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def _run(program: str) -> None:
    runpy.run_path(program, run_name="__main__")


def _traceback(error: Exception, program: str) -> str:
    """The traceback from the program's first frame on; the whole of it where none is the program's."""
    main_file = os.path.abspath(Path(program, "__main__.py") if Path(program).is_dir() else program)  # noqa: PTH100
    step = error.__traceback__
    while step is not None and os.path.abspath(step.tb_frame.f_code.co_filename) != main_file:  # noqa: PTH100
        step = step.tb_next
    return "".join(traceback.format_exception(type(error), error, step or error.__traceback__))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    for option in ("project", "root-directory", "stack", "organization", "dry-run", "monitor", "engine"):
        parser.add_argument(f"--{option}", required=True)
    parser.add_argument("--parallel", type=int, required=True)
    parser.add_argument("program")
    parser.add_argument("arguments", nargs="*")
    return parser


if __name__ == "__main__":
    leave(main(sys.argv[1:]))
