"""Takes away, one at a time, everything that a template says of a resource, and compares with one made without it."""

import copy
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from sekisho.kernel.errors import ServiceError
from sekisho.services.cloudformation.engine import TYPES

Describe = Callable[[Any, Mapping[str, str]], Any]
"""``(account, physical ids by logical id) -> what the service says of the resource``."""
Path = tuple[str | int, ...]

ODD: tuple[Any, ...] = ("x", {"a": {"b": []}}, ["x", {}], 5)
"""Values that are built wrongly in most places."""

_TARGET = "It"
_BAD = {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Name": "bad", "ProtocolType": "WEBSOCKET"}}
_TIMES = frozenset(("CreatedDate", "LastUpdatedDate", "LastModifiedDate", "CreationDate", "LastModified"))
_CAPABILITIES = ["CAPABILITY_NAMED_IAM"]


@dataclass(frozen=True)
class Case:
    """A resource with every property set, and what is around it.

    Attributes:
        around: the resources that it needs, by logical id.
        describe: reads the resource.
        beside: properties that are not set here, with the reason.
        lasting: paths that cannot be taken away, with the reason.
        volatile: members of what is described that differ from run to run.
    """

    type: str
    properties: Mapping[str, Any]
    describe: Describe
    around: Mapping[str, Any] = field(default_factory=dict)
    beside: Mapping[str, str] = field(default_factory=dict)
    lasting: Mapping[Path, str] = field(default_factory=dict)
    volatile: frozenset[str] = frozenset()

    def body(self, properties: Mapping[str, Any]) -> str:
        """Return the template with other properties."""
        target = {"Type": self.type, "Properties": properties}
        return json.dumps({"Resources": {**self.around, _TARGET: target}})


class Twins:
    """Two accounts: in one a resource is changed, in the other it is made anew."""

    def __init__(self, changed: Any, fresh: Any) -> None:
        self.changed = changed
        self.fresh = fresh

    def differences(self, case: Case) -> list[str]:
        """Return what differs between what was changed and what was made so."""
        check_complete(case)
        self.changed.create(case.body(case.properties), name="it")
        assert self.changed.status("it") == "CREATE_COMPLETE", self.changed.reasons("it")
        full = self._describe(self.changed, case)
        found: list[str] = []
        for path in removable(case):
            body = case.body(without(case.properties, path))
            if path in case.lasting:
                continue
            made = self._make(case, body)
            outcome = self._update(body)
            if made is None:
                if outcome == "UPDATE_COMPLETE":
                    found.append(f"{path}: cannot be made without it, but updated")
            elif outcome != "UPDATE_COMPLETE":
                found.append(f"{path}: {outcome} {self._reasons()}")
            else:
                found += [f"{path}: {one}" for one in _differences(self._describe(self.changed, case), made)]
            self._update(case.body(case.properties))
            again = self._describe(self.changed, case)
            found += [f"{path} and back: {one}" for one in _differences(again, full)]
        return found

    def unrestored(self, case: Case) -> list[str]:
        """Return what is not as it was when an update that takes everything away is rolled back."""
        self.changed.create(case.body(case.properties), name="it")
        full = self._describe(self.changed, case)
        core = TYPES.core(case.type)
        assert core is not None
        needed = core.required | core.create_only
        body = json.loads(case.body({key: one for key, one in case.properties.items() if key in needed}))
        body["Resources"]["Bad"] = {**_BAD, "DependsOn": _TARGET}
        outcome = self._update(json.dumps(body))
        assert outcome == "UPDATE_ROLLBACK_COMPLETE", self._reasons()
        return list(_differences(self._describe(self.changed, case), full))

    def unsettled(self, case: Case) -> list[str]:
        """Return which values of a wrong shape leave a stack in the middle of something."""
        self.changed.create(case.body(case.properties), name="it")
        found = []
        for path in _places(case.properties, ()):
            for odd in ODD:
                outcome = self._update(case.body(replaced(case.properties, path, odd)))
                if outcome.endswith(("_FAILED", "_IN_PROGRESS")):
                    found.append(f"{path} = {odd}: {outcome}")
        return found

    def _make(self, case: Case, body: str) -> Any:
        try:
            self.fresh.create(body, name="it")
        except ServiceError:
            return None
        good = self.fresh.status("it") == "CREATE_COMPLETE"
        made = self._describe(self.fresh, case) if good else None
        stack_id = self.fresh.describe("it")["StackId"]
        self.fresh.call("DeleteStack", StackName="it")
        assert self.fresh.status(stack_id) == "DELETE_COMPLETE", self.fresh.reasons(stack_id)
        return made

    def _update(self, body: str) -> str:
        try:
            self.changed.call("UpdateStack", StackName="it", TemplateBody=body, Capabilities=_CAPABILITIES)
        except ServiceError as error:
            return error.message
        return str(self.changed.status("it"))

    def _reasons(self) -> list[str]:
        events = self.changed._dispatcher.call(
            "cloudformation", "DescribeStackEvents", {"StackName": "it"}, "us-east-1"
        )["StackEvents"]
        return [
            str(event["ResourceStatusReason"])
            for event in events
            if event["ResourceStatus"] == "UPDATE_FAILED"
        ][:1]

    def _describe(self, account: Any, case: Case) -> Any:
        resources = account.call("DescribeStackResources", StackName="it")["StackResources"]
        ids = {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in resources}
        text = json.dumps(_steady(case.describe(account, ids), case.volatile), sort_keys=True, default=str)
        for logical_id, physical_id in sorted(ids.items(), key=lambda one: -len(one[1])):
            whole = rf"(?<![A-Za-z0-9]){re.escape(physical_id)}(?![A-Za-z0-9])"
            text = re.sub(whole, f"<{logical_id}>", text)
        text = re.sub(r"\bit-It-[A-Z0-9]{12}\b", "<generated>", text)
        return json.loads(text)


def removable(case: Case) -> Iterator[Path]:
    """Yield every place in the properties below which something can be taken away."""
    core = TYPES.core(case.type)
    assert core is not None
    for name, value in case.properties.items():
        if name not in core.create_only | core.required:
            yield (name,)
        if name not in core.create_only:
            yield from _inside(value, (name,))


def _inside(value: Any, path: Path) -> Iterator[Path]:
    members: Any = ()
    if isinstance(value, dict) and not (
        len(value) == 1 and next(iter(value)) in ("Ref", "Fn::GetAtt", "Fn::Sub")
    ):
        members = value.items()
    elif isinstance(value, list) and len(value) > 1:
        members = enumerate(value)
    for step, inner in members:
        yield (*path, step)
        yield from _inside(inner, (*path, step))


def without(properties: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """Return the properties without what is at the path."""
    changed = copy.deepcopy(dict(properties))
    place: Any = changed
    for step in path[:-1]:
        place = place[step]
    del place[path[-1]]
    return changed


def _places(value: Any, path: Path) -> Iterator[Path]:
    if path:
        yield path
    if isinstance(value, dict | list):
        for step, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _places(inner, (*path, step))


def replaced(properties: Mapping[str, Any], path: Path, value: Any) -> dict[str, Any]:
    """Return the properties with another value at the path."""
    changed = copy.deepcopy(dict(properties))
    place: Any = changed
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return changed


def check_complete(case: Case) -> None:
    """Check that the case sets every property that can be changed."""
    core = TYPES.core(case.type)
    assert core is not None
    missing = core.properties - core.create_only - case.properties.keys()
    assert missing == case.beside.keys()


def _steady(value: Any, volatile: frozenset[str]) -> Any:
    """Return what was described without times and what else differs from run to run."""
    if isinstance(value, dict):
        return {key: _steady(inner, volatile) for key, inner in value.items() if key not in _TIMES | volatile}
    return [_steady(inner, volatile) for inner in value] if isinstance(value, list | tuple) else value


def _differences(found: Any, wanted: Any, place: str = "") -> Iterator[str]:
    if isinstance(found, dict) and isinstance(wanted, dict):
        for key in sorted(found.keys() | wanted.keys()):
            yield from _differences(found.get(key), wanted.get(key), f"{place}/{key}")
    elif found != wanted:
        yield f"{place}: {found} instead of {wanted}"


@pytest.fixture
def twins(new_account: Callable[[str], Any]) -> Twins:
    return Twins(new_account("changed"), new_account("fresh"))


@pytest.fixture
def case() -> type[Case]:
    return Case
