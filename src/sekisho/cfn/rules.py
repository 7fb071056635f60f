"""Checks a template's rules: assertions about parameter values.

Reference: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/rules-section-structure.html
"""

from typing import Any

from sekisho.cfn.document import Path
from sekisho.cfn.intrinsics import NoResources, Resolver, Scope
from sekisho.cfn.values import find_function

_NEEDS_AN_ACCOUNT = ("Fn::RefAll", "Fn::ValueOf", "Fn::ValueOfAll")


def check_rules(scope: Scope) -> None:
    """Check every rule whose ``RuleCondition`` holds.

    Raises:
        TemplateError: an assertion does not hold, or asks about the account's resources, unknown here.
    """
    resolver = Resolver(scope, NoResources())
    for name, rule in scope.document.section("Rules").items():
        path: Path = ("Rules", name)
        assertions = rule.get("Assertions") if isinstance(rule, dict) else None
        if not isinstance(assertions, list) or not all(isinstance(one, dict) for one in assertions):
            raise scope.document.error(
                "Template format error: Every Rules member must contain Assertions.", path
            )
        if "RuleCondition" in rule and not _holds(scope, resolver, rule["RuleCondition"], path):
            continue
        for index, assertion in enumerate(assertions):
            inner = (*path, "Assertions", index)
            if not _holds(scope, resolver, assertion.get("Assert"), (*inner, "Assert")):
                said = assertion.get("AssertDescription", f"assertion {index + 1} of rule {name}")
                raise scope.document.error(f"Template error: rule {name} failed: {said}", inner)


def _holds(scope: Scope, resolver: Resolver, value: Any, path: Path) -> bool:
    for function in _find_functions(value):
        if function in _NEEDS_AN_ACCOUNT:
            raise scope.document.error(f"Sekisho does not support {function} in rules.", path)
    result = resolver.resolve(value, path)
    if not isinstance(result, bool):
        raise scope.document.error("Template error: every assertion must be a condition function.", path)
    return result


def _find_functions(value: Any) -> list[str]:
    found = find_function(value)
    members = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    names = [found[0]] if found else []
    for member in members:
        names += _find_functions(member)
    return names
