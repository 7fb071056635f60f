from typing import Any

import pytest

from sekisho.cfn.ecs import SERVICE, TASK_DEFINITION, ContainerService, Registration, container_services
from sekisho.model.cloudformation import DeclaredResource

STACK = "arn:aws:cloudformation:us-east-1:000000000000:stack/app/0"
TASK_ARN = "arn:aws:ecs:us-east-1:000000000000:task-definition/app:1"
GROUP = "arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/app/0123456789abcdef"


def declared(logical_id: str, kind: str, physical_id: str, **properties: Any) -> DeclaredResource:
    return DeclaredResource(STACK, logical_id, kind, physical_id, "000000000000", "us-east-1", properties)


def task(**properties: Any) -> DeclaredResource:
    container = {
        "Name": "AppContainer",
        "PortMappings": [{"ContainerPort": 9000}, {"ContainerPort": 9001}],
        "Environment": [{"Name": "LEVEL", "Value": "debug"}],
    }
    defaults = {"Family": "app", "ContainerDefinitions": [container]}
    return declared("Task", TASK_DEFINITION, TASK_ARN, **{**defaults, **properties})


def service(**properties: Any) -> DeclaredResource:
    balancer = {"ContainerName": "AppContainer", "ContainerPort": 8000, "TargetGroupArn": GROUP}
    defaults = {"TaskDefinition": TASK_ARN, "LoadBalancers": [balancer], "DesiredCount": 2}
    return declared("Service", SERVICE, "service-arn", **{**defaults, **properties})


EXPECTED = ContainerService(
    STACK,
    "Service",
    "Task",
    "AppContainer",
    8000,
    2,
    (Registration(GROUP, 8000),),
    (("LEVEL", "debug"),),
)


def test_a_container_is_joined_with_its_target_group() -> None:
    other = declared("Bucket", "AWS::S3::Bucket", "bucket")
    assert container_services([service(), other, task()]) == (EXPECTED,)


@pytest.mark.parametrize("name", ["app", "app:7"])
def test_a_task_definition_may_be_named_by_its_family(name: str) -> None:
    assert container_services([task(), service(TaskDefinition=name)]) == (EXPECTED,)


def test_numbers_may_be_text() -> None:
    balancer = {"ContainerName": "AppContainer", "ContainerPort": "8000", "TargetGroupArn": GROUP}
    assert container_services([task(), service(LoadBalancers=[balancer], DesiredCount="2")]) == (EXPECTED,)


def test_a_worker_has_no_target_group() -> None:
    [worker] = container_services([task(), service(LoadBalancers=[], DesiredCount=None)])
    assert (worker.port, worker.desired_count, worker.registrations) == (9000, 1, ())
    [silent] = container_services(
        [task(ContainerDefinitions=[{"Name": "w"}]), service(LoadBalancers=None, DesiredCount=0)]
    )
    assert (silent.port, silent.desired_count, silent.environment) == (None, 0, ())


def test_containers_of_one_task_are_told_apart() -> None:
    containers = [{"Name": "AppContainer"}, {"Name": "Sidecar", "PortMappings": [{"ContainerPort": 1}]}]
    app, sidecar = container_services([task(ContainerDefinitions=containers), service()])
    assert (app.port, app.registrations) == (8000, (Registration(GROUP, 8000),))
    assert (sidecar.port, sidecar.registrations) == (1, ())


@pytest.mark.parametrize(
    "properties",
    [
        {"LoadBalancers": "x"},
        {"LoadBalancers": ["x", {"ContainerName": "AppContainer"}]},
        {
            "LoadBalancers": [
                {"ContainerName": "AppContainer", "ContainerPort": True, "TargetGroupArn": GROUP}
            ]
        },
        {"LoadBalancers": [{"ContainerName": "AppContainer", "ContainerPort": 1, "TargetGroupArn": {}}]},
    ],
    ids=range(4),
)
def test_what_ecs_would_refuse_is_left_out(properties: dict[str, Any]) -> None:
    [found] = container_services([task(), service(**properties)])
    assert found.registrations == ()


@pytest.mark.parametrize("name", [None, 7, "arn:aws:ecs:us-east-1:000000000000:task-definition/other:1"])
def test_a_service_of_an_unknown_task_definition_has_no_containers(name: Any) -> None:
    assert container_services([task(), service(TaskDefinition=name)]) == ()


def test_a_task_definition_without_containers_has_none() -> None:
    assert container_services([task(ContainerDefinitions=None), service()]) == ()
