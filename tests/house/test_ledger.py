"""Every member of every input shape that an operation reaches stands in the ledger exactly once."""

from collections.abc import Iterator

import pytest
from botocore.model import ListShape, MapShape, Shape, StructureShape

from sekisho.services import SERVICES
from sekisho.services.ledger import Ledger, Support
from sekisho.services.registry import Service
from sekisho.wire.models import load_service_model

every_service = pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)


def reachable(shape: Shape, ledger: Ledger, seen: set[str]) -> Iterator[StructureShape]:
    """Yield the structures of an input, but for those behind a member that is rejected as a whole."""
    if isinstance(shape, StructureShape) and shape.name not in seen:
        seen.add(shape.name)
        yield shape
        for name, member in shape.members.items():
            if ledger.get(shape.name, {}).get(name) is not Support.REJECTED:
                yield from reachable(member, ledger, seen)
    elif isinstance(shape, ListShape):
        yield from reachable(shape.member, ledger, seen)
    elif isinstance(shape, MapShape):
        yield from reachable(shape.value, ledger, seen)


def input_shapes(service: Service) -> dict[str, StructureShape]:
    model = load_service_model(service.name)
    seen: set[str] = set()
    inputs = [model.operation_model(name).input_shape for name in service.operations]
    return {
        shape.name: shape
        for root in inputs
        if root is not None
        for shape in reachable(root, service.ledger, seen)
    }


@every_service
def test_the_ledger_holds_every_member(service: Service) -> None:
    missing = [
        f"{shape.name}.{member}"
        for shape in input_shapes(service).values()
        for member in shape.members
        if member not in service.ledger.get(shape.name, {})
    ]
    assert not missing, f"say enforced, stored or rejected: {missing}"


@every_service
def test_the_ledger_holds_nothing_else(service: Service) -> None:
    shapes = input_shapes(service)
    strangers = [
        f"{name}.{member}"
        for name, members in service.ledger.items()
        for member in members
        if name not in shapes or member not in shapes[name].members
    ]
    assert not strangers, f"not in the model of a served operation: {strangers}"


@every_service
def test_operations_exist_in_the_model(service: Service) -> None:
    assert set(service.operations) <= set(load_service_model(service.name).operation_names)


@every_service
def test_no_operation_needs_what_is_rejected(service: Service) -> None:
    model = load_service_model(service.name)
    for name in service.operations:
        shape = model.operation_model(name).input_shape
        if shape is None:
            continue
        for member in shape.required_members:
            assert service.ledger[shape.name][member] is not Support.REJECTED, f"{shape.name}.{member}"
