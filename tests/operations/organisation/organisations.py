"""Organisations that differ in every value, and a copy of the projects to write them into."""

import shutil
from pathlib import Path

from hypothesis import strategies as st

from components.environment import LADDER
from components.settings import REGIONS
from operations import REPOSITORY
from operations.organisation import pack
from operations.organisation.model import FILE, Environment, Organisation
from operations.organisation.write import load

SAMPLE = Organisation.parse(load((REPOSITORY / "tests" / "sample" / FILE).read_text(encoding="utf-8")))


def projects_copy(root: Path) -> Path:
    """Copy what init reads and writes, with the sample's values, into `root`; return it."""
    shutil.copytree(REPOSITORY / "projects", root / "projects", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(REPOSITORY / FILE, root)
    (root / "policies").mkdir()
    shutil.copy(REPOSITORY / pack.FILE, root / pack.FILE)
    return root


EXTERNAL_IDS = st.from_regex(r"[A-Za-z0-9_-]{16,32}", fullmatch=True)


@st.composite
def organisations(draw: st.DrawFn) -> Organisation:
    """Draw an organisation whose values are all valid."""
    accounts = draw(
        st.lists(
            st.text("0123456789", min_size=12, max_size=12),
            min_size=len(LADDER),
            max_size=len(LADDER),
            unique=True,
        )
    )
    domain = draw(st.from_regex(r"[a-z]{2,12}\.(com|io|co\.uk)", fullmatch=True))
    address = st.from_regex(r"[a-z][a-z0-9.+]{0,12}", fullmatch=True).map(lambda name: f"{name}@{domain}")
    addresses = st.lists(address, min_size=1, max_size=3, unique=True)
    return Organisation(
        suffix=draw(
            st.from_regex(r"[a-z][a-z0-9]{2,8}", fullmatch=True).filter(lambda text: text not in LADDER)
        ),
        github_repository=draw(st.sampled_from(["", "globex/pay", "Initech-Corp/payments.infra"])),
        environments={
            name: Environment(
                account_id=account,
                region=draw(st.sampled_from(sorted(REGIONS))),
                vpc_cidr=f"10.{draw(st.integers(0, 255))}.{draw(st.integers(0, 15)) * 16}.0/20",
                deployer_principals=[
                    f"arn:aws:iam::{account}:role/{draw(st.sampled_from(['ci', 'team/eng']))}"
                ],
                external_id=draw(EXTERNAL_IDS),
                destroyer_principals=[f"arn:aws:iam::{account}:role/owner"],
                destroyer_external_id=draw(EXTERNAL_IDS),
                operator_principals=[f"arn:aws:iam::{account}:user/operator"],
                operator_external_id=draw(EXTERNAL_IDS),
                notification_emails=draw(addresses),
                operator_emails=draw(addresses),
            )
            for name, account in zip(LADDER, accounts, strict=True)
        },
    )
