"""The published schemas compile in validators of other languages, and judge the golden events alike."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from functions import payment_processor
from operations import REPOSITORY

from .builders import request
from .test_contract import INVALID, VALID, is_unicode

SCHEMAS = Path(payment_processor.__path__[0])
AJV = "ajv@8.17.1"
FETCHED = REPOSITORY / ".real-parts" / "ajv"

CHECK_JS = """
const Ajv = require("ajv/dist/2020"), fs = require("fs"), dir = process.argv[2];
const names = fs.readdirSync(dir).filter(name => name.endsWith(".schema.json"));
const schemas = names.map(name => JSON.parse(fs.readFileSync(dir + "/" + name)));
const ajv = new Ajv({ strict: true, schemas });
for (const schema of schemas) ajv.getSchema(schema.$id);
const valid = ajv.getSchema("payment_request.schema.json");
process.stdout.write(JSON.stringify(JSON.parse(fs.readFileSync(0, "utf8")).map(each => valid(each))));
"""
CHECK_GO = """
package main

import ("encoding/json"; "fmt"; "os"; "regexp")

func main() {
    var patterns []string
    if err := json.NewDecoder(os.Stdin).Decode(&patterns); err != nil { panic(err) }
    for _, pattern := range patterns {
        if _, err := regexp.Compile(pattern); err != nil { fmt.Println(err) }
    }
    account := regexp.MustCompile(patterns[0])
    for _, text := range os.Args[1:] { fmt.Println(account.MatchString(text)) }
}
"""


def patterns() -> list[str]:
    """All patterns of the schemas; first the one of what no account reference may hold."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(SCHEMAS.glob("*.schema.json"))]
    spelled = re.findall(r'"pattern": ("(?:[^"\\]|\\.)*")', "".join(texts))
    found = [json.loads(each) for each in spelled]
    account = json.loads(texts[1])["properties"]["debtor"]["not"]["pattern"]
    return [account, *found]


def ran(command: list[str], given: str, seconds: float = 60, **more: Any) -> str:
    done = subprocess.run(  # noqa: S603 # ours
        command, input=given, capture_output=True, text=True, check=False, timeout=seconds, **more
    )
    assert done.returncode == 0, done.stderr
    return str(done.stdout)


@pytest.mark.skipif(shutil.which("go") is None, reason="there is no Go")
def test_every_pattern_compiles_in_re2_and_finds_what_is_not_seen(tmp_path: Path) -> None:
    (tmp_path / "main.go").write_text(CHECK_GO, encoding="utf-8")
    samples = ["DE89370400440532013000", "合計", "a\u0085", "a\u00a0", "a\u200b", "a\u202eb", "a\U000e0020"]
    output = ran(["go", "run", "main.go", *samples], json.dumps(patterns()), cwd=tmp_path)
    assert output.split() == ["false"] * 2 + ["true"] * 5


def test_ajv_compiles_the_schemas_in_strict_mode_and_agrees_on_the_golden_events(tmp_path: Path) -> None:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("there is no Node.js")
    if not (FETCHED / "node_modules" / "ajv").exists():
        command = [npm, "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(FETCHED), AJV]
        try:
            subprocess.run(command, capture_output=True, check=True, timeout=60)  # noqa: S603 # ours
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
            pytest.skip("npm cannot fetch ajv")
    script = FETCHED / "check.js"
    script.write_text(CHECK_JS, encoding="utf-8")
    invalid = [{**request(), **case["set"]} for case in INVALID if "set" in case]
    cases = [*VALID.values(), *(case for case in invalid if is_unicode(case))]
    judged = json.loads(ran([node, str(script), str(SCHEMAS)], json.dumps(cases)))
    assert judged == [True] * len(VALID) + [False] * (len(cases) - len(VALID))
