"""HTTP APIs and custom domain names as listeners.

Sources: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-stages.html and
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-mappings.html
"""

from sekisho.compile.lower.http_api_integrations import IntegrationLowering
from sekisho.compile.lower.http_api_stages import NOT_FOUND, MountedStage, StageLowering
from sekisho.compile.lower.key_sets import KeySets
from sekisho.kernel.addresses import is_loopback
from sekisho.model.apigatewayv2 import DEFAULT, Api, Definition, Deployment, DomainName, Stage
from sekisho.model.ir import Flavour, Listener, Match, Route, Upstream
from sekisho.model.ir_tls import Tls
from sekisho.model.snapshot import Snapshot


class HttpApiLowering:
    """Lowers the HTTP APIs of one snapshot."""

    def __init__(self, snapshot: Snapshot, key_sets: KeySets) -> None:
        self._snapshot = snapshot
        self._integrations = IntegrationLowering(snapshot)
        self._lowering = StageLowering(key_sets, self._integrations)
        self._deployments = {deployment.key: deployment for deployment in snapshot.deployments}
        self._stages: dict[str, list[Stage]] = {}
        for stage in snapshot.stages:
            self._stages.setdefault(stage.api, []).append(stage)

    def lower(self) -> tuple[list[Listener], list[Upstream]]:
        """Return the listeners, one for each API and domain name that has a port, and the upstreams they need."""
        ports = self._snapshot.ports
        listeners = [self._api(api, ports[api.arn]) for api in self._snapshot.apis if api.arn in ports]
        listeners += [
            self._domain(domain, ports[domain.arn])
            for domain in self._snapshot.domain_names
            if domain.arn in ports
        ]
        return listeners, list(self._integrations.upstreams.values())

    def _api(self, api: Api, port: int) -> Listener:
        routes: list[Route] = []
        if not api.disable_execute_api_endpoint:
            stages = sorted(self._stages.get(api.key, ()), key=lambda stage: stage.name == DEFAULT)
            for stage in stages:  # HTTP-ROUTE-01: a named stage takes all that begins with its name
                prefix = "" if stage.name == DEFAULT else f"/{stage.name}"
                routes += self._stage(api, stage, prefix, api.domain_name)
        return self._listener(api.arn, api.domain_name, port, routes)

    def _domain(self, domain: DomainName, port: int) -> Listener:
        apis = {api.key: api for api in self._snapshot.apis}
        mappings = [each for each in self._snapshot.api_mappings if each.domain == domain.key]
        routes: list[Route] = []
        # The longest key that fits takes the path.
        for mapping in sorted(mappings, key=lambda each: len(each.mapping_key), reverse=True):
            api = apis.get(mapping.api)
            stages = () if api is None else self._stages.get(api.key, ())
            stage = next((each for each in stages if each.name == mapping.stage), None)
            if api is not None and stage is not None:
                prefix = f"/{mapping.mapping_key}" if mapping.mapping_key else ""
                routes += self._stage(api, stage, prefix, domain.name)
        certificate_arn = domain.configurations[0]["CertificateArn"]
        certificates = self._snapshot.certificates
        tls = Tls((certificates[certificate_arn],) if certificate_arn in certificates else ())
        return self._listener(domain.arn, domain.name, port, routes, tls)

    def _stage(self, api: Api, stage: Stage, prefix: str, domain_name: str) -> list[Route]:
        deployment: Deployment | None = None
        if stage.deployment_id is not None:
            deployment = self._deployments.get(f"{api.key}/deployments/{stage.deployment_id}")
        definition = Definition() if deployment is None else deployment.definition
        return self._lowering.lower(MountedStage(api, stage, definition, prefix, domain_name))

    def _listener(
        self, arn: str, host: str, port: int, routes: list[Route], tls: Tls | None = None
    ) -> Listener:
        nothing = Route(f"{arn} not found", arn, 0, Match(), NOT_FOUND, title=f"no stage of {host}")
        return Listener(
            name=arn,
            arn=arn,
            flavour=Flavour.HTTP_API,
            port=port,
            public_port=443,
            routes=(*routes, nothing),
            tls=tls,
            address=self._snapshot.address,
            host=host,
            audit_share=self._snapshot.audit_share,
            audit_refusals=is_loopback(self._snapshot.address),
        )
