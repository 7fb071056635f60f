"""The requests of "CDK Mixinsで作る!ALB + JWT 検証": an ALB that verifies the access tokens of machine clients.

Besides the three requests that the article shows it plays the fault that its author ran into: without an outbound
rule for port 443 the load balancer cannot fetch the issuer's keys and answers 500.
"""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sekisho.app import Server
from sekisho.cli.console import out
from sekisho.cli.demo.aws import aws_client
from sekisho.cli.demo.stage import PAGE_401, Answer, Credentials, Stage
from sekisho.serve.deployment import Deployed
from sekisho.serve.sources import Source

PRODUCTS = [
    {"id": 1, "name": "Wireless Mouse", "price": 1000},
    {"id": 2, "name": "Mechanical Keyboard", "price": 18900},
    {"id": 3, "name": "USB-C Hub", "price": 4900},
]
AUDIENCE = "https://api.example.com/"
OTHER_AUDIENCE = "https://other.example.com/"

# RFC 6761 section 6.4: nobody can ever be reached under this name.
UNREACHABLE = "https://keys.invalid/.well-known/jwks.json"
# What the CDK writes for a security group that lets nothing out.
_NOTHING_OUT = {
    "CidrIp": "255.255.255.255/32",
    "Description": "Disallow all traffic",
    "FromPort": 252,
    "IpProtocol": "icmp",
    "ToPort": 86,
}


class AlbM2m:
    """Plays the article on a server where its stack is deployed."""

    def __init__(self, server: Server, stage: Stage, source: Source, deployed: Deployed) -> None:
        self._server = server
        self._stage = stage
        self._source = source
        application = deployed.applications[0]
        self._client = Credentials(application.client_id, application.client_secret.reveal())
        self._tenant = application.tenant
        self._region = deployed.stacks[0].region
        self._listener = ""
        self._products = ""
        self._token_url = ""

    async def play(self) -> None:
        """Play every scene."""
        endpoints = await self._server.endpoints()
        listener = next(one for one in endpoints if one.kind == "alb-listener")
        tenant = next(one for one in endpoints if one.kind == "tenant")
        self._listener = listener.arn
        self._products = f"{listener.url}/products"
        self._token_url = f"{tenant.url}/oauth/token"
        self._set_the_stage(listener.url, tenant.url)
        await self._without_token()
        token = await self._with_token()
        await self._for_another_api()
        await self._keys_unreachable(token)
        await self._no_egress(token)

    def _set_the_stage(self, listener_url: str, tenant_url: str) -> None:
        stage = self._stage
        stage.scene(0, "What the commands below use; paste it into a shell to repeat them")
        stage.define("ALB", listener_url)
        stage.define("TENANT", tenant_url)
        stage.define("CA", str(self._server.ca_path))
        stage.define("LISTENER", self._listener)
        stage.define_token_command(self._token_url, self._client)
        stage.command(f"export AWS_ENDPOINT_URL={stage.server} AWS_DEFAULT_REGION={self._region}")
        stage.command("export AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any")

    def tell_more(self) -> None:
        """Say what can be tried now."""
        stage = self._stage
        out.print("\n[bold]It keeps running. Try more:[/]")
        stage.command("aws elbv2 describe-listeners --listener-arns $LISTENER")
        stage.command(f"sekisho status --url {stage.server}")
        out.print("Ctrl-C stops it and removes what it made.")

    # ------------------------------------------------------------ what the article shows

    async def _without_token(self) -> None:
        stage = self._stage
        stage.scene(1, "A request without a token")
        answer = await stage.get(self._products)
        stage.check(
            f"401 with the load balancer's own page, {len(answer.body)} bytes; the application never saw it",
            is_so=(answer.status, answer.body) == (401, PAGE_401),
            otherwise=f"expected 401 and the {len(PAGE_401)} bytes of the article's page",
        )

    async def _with_token(self) -> str:
        stage = self._stage
        stage.scene(2, f"A token for {AUDIENCE}, which the listener asks for")
        token = await stage.fetch_token(self._token_url, self._client, AUDIENCE)
        answer = await stage.get(self._products, token=token)
        stage.check(
            "200: signature, issuer, lifetime and audience are right, and Flask answers with three products",
            is_so=self._are_products(answer),
            otherwise="expected 200 and the three products",
        )
        return token

    async def _for_another_api(self) -> None:
        stage = self._stage
        stage.scene(3, f"A token of the same issuer for another API, {OTHER_AUDIENCE}")
        token = await stage.fetch_token(self._token_url, self._client, OTHER_AUDIENCE, "OTHER")
        answer = await stage.get(self._products, token=token, variable="OTHER")
        stage.check(
            "401: the token is genuine, and its aud is not the one that the listener asks for",
            is_so=(answer.status, answer.body) == (401, PAGE_401),
            otherwise="expected 401 and the article's page",
        )

    # ------------------------------------------------------------ what its author ran into

    async def _keys_unreachable(self, token: str) -> None:
        stage = self._stage
        stage.scene(4, "The issuer's keys cannot be fetched")
        elbv2 = await asyncio.to_thread(aws_client, "elbv2", stage.server, self._region)
        described = await asyncio.to_thread(elbv2.describe_listeners, ListenerArns=[self._listener])
        actions = [_as_given(action) for action in described["Listeners"][0]["DefaultActions"]]
        await self._modify(elbv2, _with_endpoint(actions, UNREACHABLE))
        answer = await stage.get(self._products, token=token)
        stage.check(
            "500: nobody can tell whether the token is good, so nobody gets in",
            is_so=answer.status == 500,
            otherwise="expected 500",
        )
        self._show_diagnostics(("jwks-unreachable", "jwks-pending"))
        stage.note("The right endpoint again:")
        await self._modify(elbv2, actions)
        await self._check_restored(token)

    async def _modify(self, elbv2: Any, actions: Sequence[dict[str, Any]]) -> None:
        given = json.dumps(actions, separators=(",", ":"))
        line = f"elbv2 modify-listener --listener-arn {self._listener} --default-actions '{given}'"
        await self._stage.call_aws(
            elbv2, line, "modify_listener", ListenerArn=self._listener, DefaultActions=actions
        )

    async def _no_egress(self, token: str) -> None:
        stage = self._stage
        stage.scene(5, "The load balancer's security group lets nothing out on port 443")
        stack = self._source.stacks[0]
        changed = self._server.data_path / "without-egress.json"
        await asyncio.to_thread(_write_without_egress, stack.template, changed)
        cloudformation = await asyncio.to_thread(aws_client, "cloudformation", stage.server, self._region)
        await self._update(cloudformation, stack.name, changed)
        answer = await stage.get(self._products, token=token)
        stage.check(
            "500, as on AWS when the rule is forgotten",
            is_so=answer.status == 500 and self._show_diagnostics(("jwks-no-egress",)),
            otherwise="expected 500 and a diagnostic that names the missing rule",
        )
        stage.note("The template as it was:")
        await self._update(cloudformation, stack.name, stack.template)
        await self._check_restored(token)

    async def _update(self, cloudformation: Any, name: str, template: Path) -> None:
        await self._stage.call_aws(
            cloudformation,
            f"cloudformation update-stack --stack-name {name} --capabilities CAPABILITY_IAM"
            f" --template-body file://{template}",
            "update_stack",
            StackName=name,
            Capabilities=["CAPABILITY_IAM"],
            TemplateBody=await asyncio.to_thread(template.read_text, encoding="utf-8"),
        )

    async def _check_restored(self, token: str) -> None:
        answer = await self._stage.get(self._products, token=token)
        self._stage.check(
            "200: everything is as before",
            is_so=self._are_products(answer),
            otherwise="expected 200 and the three products",
        )

    def _show_diagnostics(self, codes: Sequence[str]) -> bool:
        """Show the findings with these codes; return whether there are any."""
        found = [finding for finding in self._server.diagnostics() if finding.code in codes]
        for finding in found:
            self._stage.note(f"{finding.severity} {finding.code}: {finding.message}")
        return bool(found)

    @staticmethod
    def _are_products(answer: Answer) -> bool:
        return answer.status == 200 and json.loads(answer.body) == PRODUCTS


def _as_given(action: dict[str, Any]) -> dict[str, Any]:
    """Return a described action without what the description adds."""
    return {name: value for name, value in action.items() if name != "ForwardConfig"}


def _with_endpoint(actions: Sequence[dict[str, Any]], jwks_endpoint: str) -> list[dict[str, Any]]:
    return [
        {**action, "JwtValidationConfig": {**action["JwtValidationConfig"], "JwksEndpoint": jwks_endpoint}}
        if action["Type"] == "jwt-validation"
        else action
        for action in actions
    ]


def _write_without_egress(template: Path, changed: Path) -> None:
    """Write the template without the inline outbound rule of the load balancer's security group."""
    document = json.loads(template.read_text(encoding="utf-8"))
    balancer = _only(document, "AWS::ElasticLoadBalancingV2::LoadBalancer")
    group = balancer["Properties"]["SecurityGroups"][0]["Fn::GetAtt"][0]
    document["Resources"][group]["Properties"]["SecurityGroupEgress"] = [_NOTHING_OUT]
    changed.write_text(json.dumps(document, indent=1))


def _only(document: dict[str, Any], type_name: str) -> dict[str, Any]:
    (resource,) = (one for one in document["Resources"].values() if one["Type"] == type_name)
    return dict(resource)
