"""The glossary of CONTRIBUTING.md and the class names of the code."""

import ast
from collections import defaultdict
from functools import cache

from operations import REPOSITORY
from tests.docs.markdown import document, rows

FOLDERS = ("benchmarks", "components", "functions", "operations", "policies", "sandbox", "scripts", "tools")

SHARED = frozenset(
    [
        "Account",
        "Asked",
        "Aws",
        "Change",
        "Check",
        "Configuration",
        "ConfigurationError",
        "Context",
        "Difference",
        "Engine",
        "Failed",
        "Finding",
        "Found",
        "Function",
        "Held",
        "Identity",
        "Key",
        "Kind",
        "Malformed",
        "Operator",
        "Payment",
        "Provider",
        "Queue",
        "Report",
        "Resource",
        "Role",
        "Seen",
        "Severity",
        "Stack",
        "Statement",
        "Status",
        "Step",
        "Unknown",
        "Unreadable",
        "Worker",
        "_Line",
        "_Part",
    ]
)
"""Names that still have several meanings. Rename one of the classes and remove the name here."""


@cache
def modules_by_class() -> dict[str, list[str]]:
    """Return the modules that define each class."""
    modules = defaultdict(list)
    for folder in FOLDERS:
        for path in sorted((REPOSITORY / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ClassDef):
                    modules[node.name].append(path.relative_to(REPOSITORY).as_posix())
    return modules


def test_a_class_name_has_one_meaning() -> None:
    repeated = {
        name: modules
        for name, modules in modules_by_class().items()
        if len(modules) > 1 and name not in SHARED
    }
    advice = "rename all but one; functions/ keeps a name before components/, drift, promotion, the rest"
    assert repeated == {}, advice


def glossary() -> list[tuple[str, ...]]:
    """Return term, meaning and class of each row."""
    return rows(document("CONTRIBUTING.md").section("Glossary"))[1:]


def test_the_class_of_each_term_exists() -> None:
    missing = {
        term: name for term, _, name in glossary() if name and name.strip("`") not in modules_by_class()
    }
    assert missing == {}, "rename the class in the glossary of CONTRIBUTING.md, too"


def test_terms_and_their_classes_are_listed_once_and_in_order() -> None:
    terms = [term for term, _, _ in glossary()]
    classes = [name for _, _, name in glossary() if name]
    assert terms == sorted(set(terms))
    assert len(classes) == len(set(classes))
