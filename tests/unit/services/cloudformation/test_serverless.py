"""Serverless templates in the forms that AWS's guide documents, deployed as stacks."""

import json
from typing import Any

import pytest

from sekisho.kernel.errors import ServiceError

HEAD = "Transform: AWS::Serverless-2016-10-31\n"
FUNCTION = """
  Function:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.12
      Handler: index.handler
      InlineCode: "def handler(event, context): return 'ok'"
"""
ROOT = """
      Events:
        Root: {Type: HttpApi, Properties: {ApiId: !Ref Api, Path: /a, Method: get}}
"""
API = """
  Api:
    Type: AWS::Serverless::HttpApi
    Properties:
"""
ISSUER = "https://www.example.com/v1/connect"
CERTIFICATE = "arn:aws:acm:us-east-1:000000000000:certificate/11111111-2222-3333-4444-555555555555"


def deployed(account: Any, text: str) -> dict[str, Any]:
    """Create the stack and return what its one API has."""
    account.create(text)
    assert account.reasons() == []
    (api,) = account.apis("GetApis")["Items"]
    key = {"ApiId": api["ApiId"]}
    (stage,) = account.apis("GetStages", **key)["Items"]
    parts = {noun: account.apis(f"Get{noun}", **key)["Items"] for noun in ("Authorizers", "Integrations")}
    routes = {one["RouteKey"]: one for one in account.apis("GetRoutes", **key)["Items"]}
    return {"Api": api, "Stage": stage, "Routes": routes, **parts}


def guards(made: dict[str, Any]) -> dict[str, tuple[str, list[str]]]:
    return {
        key: (one["AuthorizationType"], one.get("AuthorizationScopes", []))
        for key, one in made["Routes"].items()
    }


@pytest.mark.semantics("HTTP-API-18")
def test_a_default_authorizer_guards_all_routes_but_those_that_are_opened(account: Any) -> None:
    made = deployed(
        account,
        f"""{HEAD}Resources:{API}
      Auth:
        DefaultAuthorizer: OAuth2
        Authorizers:
          OAuth2:
            AuthorizationScopes: [standard]
            IdentitySource: $request.querystring.param
            JwtConfiguration: {{issuer: '{ISSUER}', audience: [me]}}
{FUNCTION}
      Events:
        Root: {{Type: HttpApi, Properties: {{ApiId: !Ref Api, Path: /a, Method: get}}}}
        Rest: {{Type: HttpApi, Properties: {{ApiId: !Ref Api}}}}
        Open: {{Type: HttpApi, Properties: {{ApiId: !Ref Api, Path: /open, Method: any, Auth: {{Authorizer: NONE}}}}}}
        Scoped:
          Type: HttpApi
          Properties: {{ApiId: !Ref Api, Path: /s, Method: put, Auth: {{AuthorizationScopes: [x, y]}}}}
""",
    )
    assert guards(made) == {
        "GET /a": ("JWT", ["standard"]),
        "$default": ("JWT", ["standard"]),
        "ANY /open": ("NONE", []),
        "PUT /s": ("JWT", ["x", "y"]),
    }
    (authorizer,) = made["Authorizers"]
    assert authorizer["IdentitySource"] == ["$request.querystring.param"]
    assert authorizer["JwtConfiguration"] == {"Issuer": ISSUER, "Audience": ["me"]}


def test_a_lambda_authorizer_with_all_its_settings(account: Any) -> None:
    made = deployed(
        account,
        f"""{HEAD}Resources:{API}
      Auth:
        DefaultAuthorizer: Custom
        Authorizers:
          Custom:
            FunctionArn: !GetAtt Decide.Arn
            FunctionInvokeRole: !GetAtt Role.Arn
            EnableFunctionDefaultPermissions: true
            Identity:
              Headers: [Authorization]
              QueryStrings: [petId]
              StageVariables: [VARIABLE]
              Context: [routeKey]
              ReauthorizeEvery: 60
            AuthorizerPayloadFormatVersion: 2.0
            EnableSimpleResponses: true
  Role: {{Type: AWS::IAM::Role, Properties: {{AssumeRolePolicyDocument: {{}}}}}}
{FUNCTION.replace("Function:", "Decide:", 1)}{FUNCTION}{ROOT}""",
    )
    (authorizer,) = made["Authorizers"]
    assert authorizer["IdentitySource"] == [
        "$request.header.Authorization",
        "$request.querystring.petId",
        "$stageVariables.VARIABLE",
        "$context.routeKey",
    ]
    assert authorizer["AuthorizerPayloadFormatVersion"] == "2.0"
    assert (authorizer["AuthorizerResultTtlInSeconds"], authorizer["EnableSimpleResponses"]) == (60, True)
    assert authorizer["AuthorizerCredentialsArn"].startswith("arn:aws:iam::000000000000:role/")
    assert guards(made) == {"GET /a": ("CUSTOM", [])}


def test_iam_guards_where_it_is_enabled(account: Any) -> None:
    auth = "      Auth: {EnableIamAuthorizer: true, DefaultAuthorizer: AWS_IAM}\n"
    made = deployed(account, f"{HEAD}Resources:{API}{auth}{FUNCTION}{ROOT}")
    assert guards(made) == {"GET /a": ("AWS_IAM", [])}


@pytest.mark.parametrize(
    ("cors", "wanted"),
    [
        ("true", {"AllowOrigins": ["*"]}),
        ("!Ref Cors", {"AllowOrigins": ["*"]}),
        (
            (
                "{AllowOrigins: [!Ref Origin], AllowMethods: [GET], AllowHeaders: [x-a], ExposeHeaders: [x-b],"
                " AllowCredentials: true, MaxAge: 600}"
            ),
            {
                "AllowOrigins": ["https://a.example"],
                "AllowMethods": ["GET"],
                "AllowHeaders": ["x-a"],
                "ExposeHeaders": ["x-b"],
                "AllowCredentials": True,
                "MaxAge": 600,
            },
        ),
        (
            "!If [Local, {AllowOrigins: ['https://b.example']}, !Ref AWS::NoValue]",
            {"AllowOrigins": ["https://b.example"]},
        ),
    ],
)
def test_cors(account: Any, cors: str, wanted: dict[str, Any]) -> None:
    parameters = (
        "Parameters: {Cors: {Type: String, Default: true}, Origin: {Type: String, Default: 'https://a.example'}}\n"
        "Conditions: {Local: !Equals [a, a]}\n"
    )
    text = f"{HEAD}{parameters}Resources:{API}      CorsConfiguration: {cors}\n{FUNCTION}{ROOT}"
    assert deployed(account, text)["Api"]["CorsConfiguration"] == wanted


def test_a_stage_with_everything(account: Any) -> None:
    made = deployed(
        account,
        f"""{HEAD}Resources:
  Logs: {{Type: AWS::Logs::LogGroup}}{API}
      Name: shop
      Description: words
      StageName: prod
      StageVariables: {{COLOR: red}}
      RouteSettings: {{GET /a: {{ThrottlingBurstLimit: 5, ThrottlingRateLimit: 2.5}}}}
      DefaultRouteSettings: {{ThrottlingBurstLimit: 200, DetailedMetricsEnabled: true}}
      AccessLogSettings: {{DestinationArn: !GetAtt Logs.Arn, Format: $context.requestId}}
      Tags: {{team: a}}
      PropagateTags: true
      FailOnWarnings: true
      DisableExecuteApiEndpoint: true
{FUNCTION}{ROOT}
Outputs:
  Url: {{Value: !Sub 'https://${{Api}}.execute-api.${{AWS::Region}}.${{AWS::URLSuffix}}/prod/'}}
""",
    )
    api, stage = made["Api"], made["Stage"]
    assert (api["Name"], api["Description"], api["Tags"]["team"]) == ("shop", "words", "a")
    assert api["DisableExecuteApiEndpoint"] is True
    assert (stage["StageName"], stage["StageVariables"]) == ("prod", {"COLOR": "red"})
    assert stage["RouteSettings"] == {"GET /a": {"ThrottlingBurstLimit": 5, "ThrottlingRateLimit": 2.5}}
    assert stage["DefaultRouteSettings"] == {"ThrottlingBurstLimit": 200, "DetailedMetricsEnabled": True}
    assert stage["AccessLogSettings"]["Format"] == "$context.requestId"
    assert (stage["Tags"]["team"], stage["AutoDeploy"]) == ("a", True)
    (output,) = account.describe()["Outputs"]
    assert output["OutputValue"] == f"https://{api['ApiId']}.execute-api.us-east-1.amazonaws.com/prod/"


def test_the_implicit_api_takes_what_is_global(account: Any) -> None:
    made = deployed(
        account,
        f"""{HEAD}
Globals:
  Function: {{Timeout: 7, Environment: {{Variables: {{TABLE: t}}}}}}
  HttpApi:
    Auth:
      DefaultAuthorizer: Pool
      Authorizers:
        Pool:
          IdentitySource: $request.header.Authorization
          JwtConfiguration: {{issuer: !GetAtt Users.ProviderURL, audience: [!Ref Client]}}
    StageVariables: {{COLOR: red}}
    CorsConfiguration: true
    RouteSettings: {{GET /a: {{ThrottlingBurstLimit: 3}}}}
Resources:
  Users: {{Type: AWS::Cognito::UserPool}}
  Client: {{Type: AWS::Cognito::UserPoolClient, Properties: {{UserPoolId: !Ref Users}}}}
{FUNCTION}
      Environment: {{Variables: {{OTHER: x}}}}
      Events:
        Root:
          Type: HttpApi
          Properties:
            Path: /a
            Method: get
            TimeoutInMillis: 5000
            PayloadFormatVersion: "1.0"
            RouteSettings: {{ThrottlingBurstLimit: 9}}
Outputs:
  Url: {{Value: !Sub 'https://${{ServerlessHttpApi}}.execute-api.${{AWS::Region}}.amazonaws.com/'}}
  Stage: {{Value: !Ref ServerlessHttpApi.Stage}}
""",
    )
    assert guards(made) == {"GET /a": ("JWT", [])}
    (integration,) = made["Integrations"]
    assert (integration["TimeoutInMillis"], integration["PayloadFormatVersion"]) == (5000, "1.0")
    assert made["Stage"]["RouteSettings"] == {"GET /a": {"ThrottlingBurstLimit": 9}}
    assert made["Stage"]["StageVariables"] == {"COLOR": "red"}
    values = {one["OutputKey"]: one["OutputValue"] for one in account.describe()["Outputs"]}
    assert values == {
        "Url": f"https://{made['Api']['ApiId']}.execute-api.us-east-1.amazonaws.com/",
        "Stage": "$default",
    }
    (function,) = account.functions("ListFunctions")["Functions"]
    assert function["Timeout"] == 7
    assert function["Environment"]["Variables"] == {"TABLE": "t", "OTHER": "x"}


def test_a_domain_name_with_base_paths(account: Any) -> None:
    made = deployed(
        account,
        f"""{HEAD}Resources:{API}
      Domain:
        DomainName: api.example.com
        CertificateArn: {CERTIFICATE}
        BasePath: [shop, admin/v1]
        Route53: {{HostedZoneId: Z1PA6795UKMFR9}}
{FUNCTION}{ROOT}""".replace("[shop, admin/v1]", "[shop, admin]"),
    )
    mappings = account.apis("GetApiMappings", DomainName="api.example.com")["Items"]
    assert sorted(one["ApiMappingKey"] for one in mappings) == ["admin", "shop"]
    assert {one["ApiId"] for one in mappings} == {made["Api"]["ApiId"]}


def test_an_alias_is_what_the_api_calls(account: Any) -> None:
    text = f"{HEAD}Resources:{API}      Name: it\n{FUNCTION}      AutoPublishAlias: live\n{ROOT}"
    made = deployed(account, f"{text}Outputs: {{Version: {{Value: !Ref Function.Version}}}}\n")
    (integration,) = made["Integrations"]
    assert integration["IntegrationUri"].endswith(":live/invocations")
    (output,) = account.describe()["Outputs"]
    assert output["OutputValue"].endswith(":1")


@pytest.mark.parametrize(
    "extra",
    [
        "      Policies: [AWSLambdaBasicExecutionRole, {DynamoDBCrudPolicy: {TableName: !Ref Table}}]\n",
        "      Layers: [!Ref Layer]\n",
        "    Connectors: {Write: {Properties: {Destination: {Id: Table}, Permissions: [Write]}}}\n",
        "      FunctionUrlConfig: {AuthType: NONE}\n",
        "      Events: {Tick: {Type: Schedule, Properties: {Schedule: rate(1 minute)}}}\n",
    ],
)
def test_what_belongs_to_a_function_and_is_only_declared(account: Any, extra: str) -> None:
    declared = (
        "  Table: {Type: AWS::Serverless::SimpleTable}\n"
        "  Layer: {Type: AWS::Serverless::LayerVersion, Properties: {ContentUri: 's3://bucket/key'}}\n"
    )
    account.create(f"{HEAD}Resources:\n{declared}{FUNCTION}{extra}")
    assert account.reasons() == []


@pytest.mark.semantics("CFN-19")
@pytest.mark.parametrize(
    ("resources", "message"),
    [
        (
            "  Rest: {Type: AWS::Serverless::Api, Properties: {StageName: prod}}\n",
            (
                "Sekisho runs HTTP APIs and no REST APIs: make Rest an AWS::Serverless::HttpApi."
                " (template:3:10 Resources/Rest/Type)"
            ),
        ),
        (
            f"{FUNCTION}      Events: {{Root: {{Type: Api, Properties: {{Path: /a, Method: get}}}}}}\n",
            (
                "Sekisho runs HTTP APIs and no REST APIs: make the event Root of Function an HttpApi event."
                " (template:10:23 Resources/Function/Properties/Events/Root/Type)"
            ),
        ),
        (
            f"{API}      DefinitionUri: s3://bucket/key\n",
            (
                "Sekisho reads no definitions from S3: give DefinitionBody, or a path beside the template."
                " (template:7:7 Resources/Api/Properties/DefinitionUri)"
            ),
        ),
    ],
)
def test_what_is_not_run_is_refused_by_line(account: Any, resources: str, message: str) -> None:
    params = {"StackName": "demo", "Capabilities": ["CAPABILITY_AUTO_EXPAND"]}
    error = account.refused("CreateStack", TemplateBody=f"{HEAD}Resources:\n{resources}", **params)
    assert (error.code, error.message) == ("ValidationError", message)


def test_a_fault_of_what_was_translated_is_told_at_what_was_written(account: Any) -> None:
    domain = (
        f"      Domain: {{DomainName: api.example.com, CertificateArn: '{CERTIFICATE}',"
        " MutualTlsAuthentication: {TruststoreUri: 's3://a/b'}}\n"
    )
    account.create(f"{HEAD}Resources:{API}{domain}{FUNCTION}{ROOT}")
    assert account.status() == "ROLLBACK_COMPLETE"
    (reason,) = (one for one in account.reasons() if "mutualTlsAuthentication" in one)
    assert "(template:3:3 Resources/ApiGatewayDomainName" in reason


TEMPLATE = f"{HEAD}Resources:{API}      Name: it\n{FUNCTION}{ROOT}"


@pytest.mark.semantics("CFN-18")
@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ([], "[CAPABILITY_IAM, CAPABILITY_AUTO_EXPAND]"),
        (["CAPABILITY_IAM"], "[CAPABILITY_AUTO_EXPAND]"),
        (["CAPABILITY_AUTO_EXPAND"], "[CAPABILITY_IAM]"),
    ],
)
def test_a_stack_made_directly_needs_its_capabilities(account: Any, given: list[str], missing: str) -> None:
    error = account.refused("CreateStack", StackName="demo", TemplateBody=TEMPLATE, Capabilities=given)
    assert error.code == "InsufficientCapabilitiesException"
    assert error.message == f"Requires capabilities : {missing}"


@pytest.mark.semantics("CFN-18")
def test_a_change_set_shows_what_the_transform_makes(account: Any) -> None:
    params = {
        "StackName": "demo",
        "ChangeSetName": "one",
        "ChangeSetType": "CREATE",
        "TemplateBody": TEMPLATE,
    }
    assert account.refused("CreateChangeSet", **params).message == "Requires capabilities : [CAPABILITY_IAM]"
    account.call("CreateChangeSet", **params, Capabilities=["CAPABILITY_IAM"])
    described = account.call("DescribeChangeSet", StackName="demo", ChangeSetName="one")
    added = {one["ResourceChange"]["LogicalResourceId"] for one in described["Changes"]}
    assert added == {"Api", "ApiApiGatewayDefaultStage", "Function", "FunctionRole", "FunctionRootPermission"}
    processed = account.call("GetTemplate", StackName="demo", ChangeSetName="one", TemplateStage="Processed")
    assert set(json.loads(processed["TemplateBody"])["Resources"]) == added
    account.call("ExecuteChangeSet", StackName="demo", ChangeSetName="one")
    assert account.status() == "CREATE_COMPLETE"
    changed = TEMPLATE.replace("/a", "/b")
    account.call(
        "CreateChangeSet",
        **{**params, "ChangeSetType": "UPDATE", "ChangeSetName": "two", "TemplateBody": changed},
        Capabilities=["CAPABILITY_IAM"],
    )
    account.call("ExecuteChangeSet", StackName="demo", ChangeSetName="two")
    assert account.status() == "UPDATE_COMPLETE"
    (api,) = account.apis("GetApis")["Items"]
    assert [one["RouteKey"] for one in account.apis("GetRoutes", ApiId=api["ApiId"])["Items"]] == ["GET /b"]


def test_the_template_of_a_stack_in_both_stages(account: Any) -> None:
    account.create(TEMPLATE)
    assert account.call("GetTemplate", StackName="demo")["TemplateBody"] == TEMPLATE
    original = account.call("GetTemplate", StackName="demo", TemplateStage="Original")
    assert original["TemplateBody"] == TEMPLATE
    assert original["StagesAvailable"] == ["Original", "Processed"]
    body = json.loads(
        account.call("GetTemplate", StackName="demo", TemplateStage="Processed")["TemplateBody"]
    )
    assert body["Resources"]["Api"]["Type"] == "AWS::ApiGatewayV2::Api"


def test_the_summary_of_a_template_names_its_transform(account: Any) -> None:
    summary = account.call("GetTemplateSummary", TemplateBody=TEMPLATE)
    assert summary["DeclaredTransforms"] == ["AWS::Serverless-2016-10-31"]
    assert summary["ResourceTypes"] == ["AWS::Serverless::Function", "AWS::Serverless::HttpApi"]
    assert "CAPABILITY_AUTO_EXPAND" in summary["Capabilities"]


def test_a_template_is_taken_over_by_an_update(account: Any) -> None:
    account.create(TEMPLATE)
    with pytest.raises(ServiceError, match="No updates are to be performed"):
        account.call(
            "UpdateStack",
            StackName="demo",
            UsePreviousTemplate=True,
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        )
