from pathlib import Path

import pytest
import yaml

from sandbox.accounts import Account, NoAccount, accounts


def stack_file(root: Path, environment: str, **values: str) -> None:
    folder = root / "projects" / "bootstrap-iam"
    folder.mkdir(parents=True, exist_ok=True)
    config = {f"bootstrap-iam:{key}": value for key, value in values.items()}
    (folder / f"Pulumi.{environment}.yaml").write_text(yaml.safe_dump({"config": config}), encoding="utf-8")


def test_accounts_are_what_the_stack_files_say_in_the_order_of_the_ladder(tmp_path: Path) -> None:
    stack_file(tmp_path, "prod", accountId="333333333333", region="eu-west-1", environmentSuffix="acme")
    stack_file(tmp_path, "load", accountId="444444444444", region="sa-east-1", environmentSuffix="acme")
    found = accounts(tmp_path, ("load", "prod"))
    assert list(found) == ["load", "prod"]
    assert found["load"] == Account(environment="load", id="444444444444", region="sa-east-1", suffix="acme")


def test_a_stack_file_that_names_no_account_is_told(tmp_path: Path) -> None:
    stack_file(tmp_path, "dev", region="us-east-1")
    with pytest.raises(NoAccount, match=r"Pulumi\.dev\.yaml has no bootstrap-iam:accountId"):
        accounts(tmp_path, ("dev",))
