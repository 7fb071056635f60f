"""What a deployment takes with it, and when the stages that deploy automatically get a new one.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-stages.html
"""

import dataclasses

from sekisho.kernel.clock import Clock
from sekisho.kernel.ids import Ids
from sekisho.model.apigatewayv2 import Api, Authorizer, Definition, Deployment, Integration, Route, Stage
from sekisho.services.apigatewayv2.lookup import new_id
from sekisho.store.api import Reader, Writer

DEPLOYED = "Successfully deployed stage with deployment ID '{}'"


def read_definition(state: Reader, api: Api) -> Definition:
    """Return what a deployment of the API would hold now."""
    return Definition(
        routes=tuple(state.list(Route, api.key)),
        integrations=tuple(state.list(Integration, api.key)),
        authorizers=tuple(state.list(Authorizer, api.key)),
        cors=api.cors,
    )


def redeploy(state: Writer, api: Api, clock: Clock, ids: Ids) -> None:
    """Deploy the API to its stages with AutoDeploy, if anything has changed since they were (HTTP-API-09)."""
    stages = [stage for stage in state.list(Stage, api.key) if stage.auto_deploy]
    definition = read_definition(state, api)
    if not stages or not definition.routes:
        return
    deployments = {each.id: each for each in state.list(Deployment, api.key)}
    old = [deployments.get(stage.deployment_id or "") for stage in stages]
    if all(each is not None and each.definition == definition for each in old):
        return
    made = Deployment(api.key, new_id(ids), clock.now(), definition, "Automatic deployment", True)
    state.put(made)
    for stage in stages:
        state.put(point_to(stage, made, clock))
    _forget_unused(state, api)


def point_to(stage: Stage, deployment: Deployment, clock: Clock) -> Stage:
    """Return the stage with another deployment."""
    return dataclasses.replace(
        stage,
        deployment_id=deployment.id,
        updated=clock.now(),
        status_message=DEPLOYED.format(deployment.id),
    )


def _forget_unused(state: Writer, api: Api) -> None:
    """Delete the automatic deployments that no stage serves: nothing else ever would."""
    used = {stage.deployment_id for stage in state.list(Stage, api.key)}
    for deployment in state.list(Deployment, api.key):
        if deployment.auto_deployed and deployment.id not in used:
            state.delete(Deployment, deployment.key)
