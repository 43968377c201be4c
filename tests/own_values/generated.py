"""Organisations with random values, and the work of one from a clone to a release in prod."""

import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

from components.environment import LADDER
from operations.organisation.model import FILE
from tests.sample_checkout import clone

REGIONS = ("us-east-1", "us-west-2", "eu-central-1", "eu-west-2", "ap-southeast-2", "ca-central-1")


def organisation(seed: int) -> dict[str, Any]:
    """Return the content of an organisation.yaml; its accounts begin with 0 and hold an 8 or a 9."""
    drawn = random.Random(seed)  # noqa: S311  the same values in every run
    letters = "abcdefghijklmnopqrstuvwxyz"
    suffix, domain = ("".join(drawn.choices(letters, k=length)) for length in (5, 8))
    accounts = [f"0{drawn.randrange(10**9):09d}{place}{drawn.choice('89')}" for place in range(len(LADDER))]

    def environment(place: int, account: str) -> dict[str, Any]:
        return {
            "accountId": account,
            "region": drawn.choice(REGIONS),
            "vpcCidr": f"10.{drawn.randrange(80) * 3 + place}.{drawn.randrange(16) * 16}.0/20",
            "deployerPrincipals": [f"arn:aws:iam::{account}:role/{drawn.choice(('ci', 'team/engineers'))}"],
            "externalId": f"deploy-{drawn.randbytes(8).hex()}",
            "destroyerPrincipals": [f"arn:aws:iam::{account}:role/owner"],
            "destroyerExternalId": f"destroy-{drawn.randbytes(8).hex()}",
            "operatorPrincipals": [f"arn:aws:iam::{account}:user/operator"],
            "operatorExternalId": f"operate-{drawn.randbytes(8).hex()}",
            "notificationEmails": [f"payments@{domain}.co.uk"],
            "operatorEmails": [f"on-call+{place}@{domain}.co.uk"],
        }

    return {
        "suffix": suffix,
        "githubRepository": drawn.choice(("", f"{suffix}-corp/payments.infra")),
        "environments": {
            name: environment(place, account)
            for place, (name, account) in enumerate(zip(LADDER, accounts, strict=True))
        },
    }


class OrganisationCheckout:
    """A clone of this checkout, in which somebody works with the scripts alone."""

    def __init__(self, source: Path, root: Path) -> None:
        clone(source, root)
        self.root = root
        self._variables: dict[str, str] = {}
        origin = root.with_name(f"{root.name}.git")  # where the protected branch is
        self._run(["git", "init", "--quiet", "--bare", str(origin)])
        if "origin" in self._run(["git", "remote"]).split():
            self._run(["git", "remote", "remove", "origin"])
        self._run(["git", "remote", "add", "origin", str(origin)])
        self._run(["git", "push", "--quiet", "origin", "HEAD:main"])

    def initialise(self, values: dict[str, Any]) -> None:
        """Write the organisation's values, and commit them."""
        answers = self.root.with_name(f"{self.root.name}-{FILE}")
        answers.write_text(json.dumps(values), encoding="utf-8")  # JSON is YAML that quotes all text
        self.script(f"init.py --from {answers} --yes")
        self.commit("feat: own values")

    def commit(self, subject: str) -> None:
        """Commit everything, as a reviewed change of the protected branch."""
        identity = ("-c", "user.name=x", "-c", "user.email=x@example.com", "-c", "commit.gpgsign=false")
        for command in (("add", "--all"), (*identity, "commit", "--quiet", "--no-verify", "-m", subject)):
            self._run(["git", *command])
        self._run(["git", "push", "--quiet", "origin", "HEAD:main"])

    def enter_sandbox(self) -> None:
        """Start a sandbox with everything deployed in it, and use it from here on."""
        self.script("sandbox.py up")
        self._variables = json.loads(self.script("sandbox.py env --json"))

    def leave_sandbox(self) -> None:
        """End the sandbox."""
        self.script("sandbox.py destroy")

    def script(self, line: str, *, exit_code: int = 0) -> str:
        """Run one of the scripts; return what it wrote to standard output."""
        name, *arguments = line.split()
        return self._run([sys.executable, f"scripts/{name}", *arguments], exit_code=exit_code)

    def python(self, module: str, *arguments: str, exit_code: int = 0) -> str:
        """Run a module."""
        return self._run([sys.executable, "-m", module, *arguments], exit_code=exit_code)

    def _run(self, command: list[str], *, exit_code: int = 0) -> str:
        done = subprocess.run(  # noqa: S603  the tests' own commands
            command,
            cwd=self.root,
            env={**os.environ, "PYTHONPATH": str(self.root), **self._variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == exit_code, (
            f"{command}: exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        )
        return done.stdout
