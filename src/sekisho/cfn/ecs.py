"""Which containers of declared ECS services stand behind which target groups.

ECS does not run here, so a template's task definitions and services are only declared; their resolved properties say
what a bound container has to listen on and where it is registered.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ecs-service.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ecs-taskdefinition.html
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

TASK_DEFINITION = "AWS::ECS::TaskDefinition"
SERVICE = "AWS::ECS::Service"


class Declared(Protocol):
    """What is looked at of a declared resource."""

    @property
    def stack_id(self) -> str:
        """Return the stack that declares it."""
        ...

    @property
    def logical_id(self) -> str:
        """Return its name in the template."""
        ...

    @property
    def type(self) -> str:
        """Return its resource type."""
        ...

    @property
    def physical_id(self) -> str:
        """Return what ``Ref`` answers."""
        ...

    @property
    def properties(self) -> Mapping[str, Any]:
        """Return its resolved properties."""
        ...


@dataclass(frozen=True, slots=True)
class Registration:
    """A target group that a container is registered in, and the container port it gets traffic on."""

    target_group_arn: str
    port: int


@dataclass(frozen=True, slots=True)
class ContainerService:
    """One container of one service.

    Attributes:
        stack_id: the stack of the service.
        service: logical id of the service.
        task_definition: logical id of its task definition.
        container: the container's name.
        port: the port it listens on: the one of its first registration, else of its first port mapping; None where
            neither says.
        desired_count: how many tasks are wanted; 0 means that it does not run.
        registrations: the target groups it is registered in.
        environment: the task definition's variables for it.
    """

    stack_id: str
    service: str
    task_definition: str
    container: str
    port: int | None
    desired_count: int = 1
    registrations: tuple[Registration, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()


def container_services(resources: Iterable[Declared]) -> tuple[ContainerService, ...]:
    """Return every container of every declared ECS service whose task definition is declared as well.

    What a template says in a form that ECS would refuse is left out; nothing is raised.
    """
    resources = list(resources)
    definitions = [resource for resource in resources if resource.type == TASK_DEFINITION]
    found: list[ContainerService] = []
    for service in resources:
        definition = _definition_of(service, definitions) if service.type == SERVICE else None
        if definition is not None:
            containers = _dicts(definition.properties.get("ContainerDefinitions"))
            found += [_container_service(service, definition, container) for container in containers]
    return tuple(found)


def _definition_of(service: Declared, definitions: list[Declared]) -> Declared | None:
    """Find the task definition by ARN or, as the API allows it, by ``family`` or ``family:revision``."""
    name = service.properties.get("TaskDefinition")
    if not isinstance(name, str):
        return None
    for definition in definitions:
        if definition.physical_id == name:
            return definition
    family = name.split(":", 1)[0]
    return next((item for item in definitions if item.properties.get("Family") == family), None)


def _container_service(
    service: Declared, definition: Declared, container: Mapping[str, Any]
) -> ContainerService:
    name = str(container.get("Name", ""))
    registrations = tuple(
        Registration(balancer["TargetGroupArn"], port)
        for balancer in _dicts(service.properties.get("LoadBalancers"))
        if balancer.get("ContainerName") == name
        and isinstance(balancer.get("TargetGroupArn"), str)
        and (port := _number(balancer.get("ContainerPort"))) is not None
    )
    mapped = [_number(mapping.get("ContainerPort")) for mapping in _dicts(container.get("PortMappings"))]
    ports = [registration.port for registration in registrations] + [port for port in mapped if port]
    desired = _number(service.properties.get("DesiredCount"))
    return ContainerService(
        stack_id=service.stack_id,
        service=service.logical_id,
        task_definition=definition.logical_id,
        container=name,
        port=ports[0] if ports else None,
        desired_count=1 if desired is None else desired,
        registrations=registrations,
        environment=tuple(
            (variable["Name"], variable["Value"])
            for variable in _dicts(container.get("Environment"))
            if isinstance(variable.get("Name"), str) and isinstance(variable.get("Value"), str)
        ),
    )


def _dicts(value: Any) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def _number(value: Any) -> int | None:
    """Return a number that a template may have written as text."""
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
