import os
from pathlib import Path

from operations.engine.installation import Engine

ENGINE = Engine(
    executable=Path("/opt/tools/bin/pulumi"),
    version="3.259.0",
    has_language_host=False,
    path_entries=(Path("/opt/tools/bin"),),
)


def test_commands_find_the_engines_parts_first_and_once() -> None:
    environ = ENGINE.environ({"PATH": "/usr/bin:/opt/tools/bin", "HOME": "/home/me"})

    assert environ["PATH"] == "/opt/tools/bin:/usr/bin"
    assert environ["HOME"] == "/home/me"


def test_the_environment_is_this_processs_by_default() -> None:
    assert ENGINE.environ().keys() >= os.environ.keys()


def test_a_cli_outside_a_folder_bin_has_no_root() -> None:
    loose = Engine(executable=Path("/srv/pulumi"), version="3.259.0", has_language_host=True, path_entries=())

    assert ENGINE.root == Path("/opt/tools")
    assert loose.root is None
