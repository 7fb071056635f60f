"""What the service promises, rule by rule, with the page that says so."""

from sekisho.kernel.semantics import Kind, Rule

_API = "https://docs.aws.amazon.com/apigatewayv2/latest/api-reference"
_GUIDE = "https://docs.aws.amazon.com/apigateway/latest/developerguide"

RULES: tuple[Rule, ...] = (
    Rule(
        "HTTP-API-01",
        "Only HTTP APIs are made; WebSocket APIs are refused.",
        Kind.CHOSEN,
        f"{_API}/apis.html",
        "Sekisho is a JWT edge, and WebSocket APIs have no JWT authorizers.",
    ),
    Rule(
        "HTTP-API-02",
        "The route selection expression of an HTTP API is ${request.method} ${request.path}.",
        Kind.DOCUMENTED,
        f"{_API}/apis.html",
    ),
    Rule(
        "HTTP-API-03",
        "An API that is created with a target gets an integration, a route ($default unless another is named) and the"
        " stage $default with AutoDeploy.",
        Kind.DOCUMENTED,
        f"{_API}/apis.html",
    ),
    Rule(
        "HTTP-API-04",
        "A route key is $default, or a method or ANY and a path; a greedy variable is its last segment, and no segment"
        " is empty.",
        Kind.DOCUMENTED,
        f"{_GUIDE}/http-api-develop-routes.html",
    ),
    Rule(
        "HTTP-API-05",
        "A route whose authorization type is JWT names a JWT authorizer; changed to NONE or AWS_IAM it lets go of"
        " authorizer and scopes.",
        Kind.OBSERVED,
        "https://github.com/sst/ion/issues/1104",
    ),
    Rule(
        "HTTP-API-06",
        "A JWT authorizer has exactly one identity source: a header or a query parameter.",
        Kind.DOCUMENTED,
        f"{_API}/apis-apiid-authorizers.html",
    ),
    Rule(
        "HTTP-API-07",
        "The issuer of a JWT authorizer must answer with a discovery document that names it to the letter; an issuer"
        " that a template names and that does not run here is not asked.",
        Kind.CHOSEN,
        "https://github.com/sst/ion/issues/1104",
        "The check was observed; a template is deployed also where its issuer cannot be reached, and then no token"
        " passes.",
    ),
    Rule(
        "HTTP-API-08",
        "A stage serves its deployment: what is changed later reaches it with the next deployment.",
        Kind.DOCUMENTED,
        f"{_GUIDE}/http-api-stages.html",
    ),
    Rule(
        "HTTP-API-09",
        "A stage with AutoDeploy gets a new deployment with every change of the API.",
        Kind.DOCUMENTED,
        f"{_GUIDE}/http-api-stages.html",
    ),
    Rule(
        "HTTP-API-10",
        "An authorizer or an integration that a route names cannot be deleted, nor a deployment that a stage serves.",
        Kind.DOCUMENTED,
        f"{_API}/apis-apiid-integrations-integrationid.html",
    ),
    Rule(
        "HTTP-API-11",
        "Reserved headers cannot be mapped, and no header of the gateway's own.",
        Kind.DOCUMENTED,
        f"{_GUIDE}/http-api-parameter-mapping.html",
    ),
    Rule(
        "HTTP-API-12",
        "An imported definition makes routes, integrations and authorizers; what it asks for and cannot have is a"
        " warning, or with FailOnWarnings a refusal.",
        Kind.DOCUMENTED,
        f"{_GUIDE}/http-api-open-api.html",
    ),
    Rule(
        "HTTP-API-13",
        "A route whose security names an authorizer that cannot be imported refuses the whole import.",
        Kind.CHOSEN,
        f"{_GUIDE}/http-api-open-api.html",
        "A warning would leave the route open.",
    ),
    Rule(
        "HTTP-API-14",
        "ResetAuthorizersCache forgets what the Lambda authorizers have answered for the stage.",
        Kind.DOCUMENTED,
        f"{_API}/apis-apiid-stages-stagename-cache-authorizers.html",
    ),
    Rule(
        "HTTP-API-15",
        "An update takes away what it names with an empty value: a route's target, an authorizer, a description.",
        Kind.OBSERVED,
        "https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/apigatewayv2/route.go",
    ),
    Rule(
        "HTTP-API-16",
        "An authorizer that becomes one of the other type keeps name and identity sources; its issuer, or its function"
        " with all settings, goes.",
        Kind.CHOSEN,
        f"{_API}/apis-apiid-authorizers-authorizerid.html",
        "AuthorizerType can be updated, and neither type may have what belongs to the other.",
    ),
    Rule(
        "HTTP-API-17",
        "DefaultRouteSettings changes the members that it names; empty, it takes all of them away.",
        Kind.CHOSEN,
        f"{_API}/apis-apiid-stages-stagename.html",
        "There is no operation that deletes them, and they must be able to go.",
    ),
    Rule(
        "HTTP-API-18",
        "In an imported definition the security requirement NONE, where no scheme is called so, opens a route.",
        Kind.OBSERVED,
        "https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/"
        "sam-property-function-httpapifunctionauth.html",
        "AWS's serverless translator writes it for a route whose Authorizer is NONE.",
    ),
)
"""The rules of the service; the comment at a deciding line names one by its id."""
