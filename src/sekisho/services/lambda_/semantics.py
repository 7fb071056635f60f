"""What the service promises, rule by rule, with the page that says so."""

from sekisho.kernel.semantics import Kind, Rule

_API = "https://docs.aws.amazon.com/lambda/latest/api"
_GUIDE = "https://docs.aws.amazon.com/lambda/latest/dg"

RULES: tuple[Rule, ...] = (
    Rule(
        "LAMBDA-01",
        "The code of a function is unpacked and on the disk before CreateFunction and UpdateFunctionCode answer; a"
        " refused archive leaves nothing behind.",
        Kind.DOCUMENTED,
        f"{_API}/API_CreateFunction.html",
    ),
    Rule(
        "LAMBDA-02",
        "A template may name an S3 object that is not on this machine: the function is made without code, and"
        " invoking it is refused with InvalidZipFileException. The operations themselves refuse such an object.",
        Kind.CHOSEN,
        f"{_API}/API_FunctionCode.html",
        "A stack of which one function was never built here should still come up; no code is ever made up for it.",
    ),
    Rule(
        "LAMBDA-03",
        "A service may invoke a function, version or alias only if the policy of exactly that resource names its"
        " principal, and the source ARN and account that the statement asks for are its own.",
        Kind.DOCUMENTED,
        f"{_GUIDE}/access-control-resource-based.html",
    ),
    Rule(
        "LAMBDA-04",
        "A statement with an event source token, an organization or a function URL condition lets no service in.",
        Kind.CHOSEN,
        f"{_API}/API_AddPermission.html",
        "The callers that these conditions are about do not exist here; ignoring a condition would open a door.",
    ),
    Rule(
        "LAMBDA-05",
        "Publishing a version whose code and configuration are those of the last one answers with the last one.",
        Kind.DOCUMENTED,
        f"{_API}/API_PublishVersion.html",
    ),
    Rule(
        "LAMBDA-06",
        "GetFunction names no location that the code can be downloaded from.",
        Kind.CHOSEN,
        f"{_API}/API_FunctionCodeLocation.html",
        "The presigned URL of AWS proves who may download; there is nothing here that could check one.",
    ),
    Rule(
        "LAMBDA-07",
        "An event that was accepted is kept until it has been handled, over restarts of the server too.",
        Kind.DOCUMENTED,
        f"{_GUIDE}/invocation-async.html",
    ),
    Rule(
        "LAMBDA-08",
        "An event on which a function fails is not tried again; one that is throttled is, every second.",
        Kind.CHOSEN,
        f"{_GUIDE}/invocation-async-error-handling.html",
        "AWS tries twice more after one and two minutes; here the log says at once what has failed.",
    ),
    Rule(
        "LAMBDA-09",
        "A function that fails, ends or exceeds its timeout is answered with status 200 and FunctionError Unhandled;"
        " the next invocation gets a worker that works.",
        Kind.DOCUMENTED,
        f"{_API}/API_Invoke.html",
    ),
    Rule(
        "LAMBDA-10",
        "Invocations at the same time run in workers of their own; beyond the reserved concurrency they are refused"
        " with TooManyRequestsException.",
        Kind.DOCUMENTED,
        f"{_GUIDE}/configuration-concurrency.html",
    ),
    Rule(
        "LAMBDA-11",
        "A function whose runtime this machine cannot run is refused with InvalidRuntimeException, which names what"
        " is missing.",
        Kind.CHOSEN,
        f"{_API}/API_Invoke.html",
        "AWS has every runtime; its error for one that cannot be used is the closest.",
    ),
    Rule(
        "LAMBDA-12",
        "At most 50 workers of a function run at a time; further invocations wait for one to be free.",
        Kind.CHOSEN,
        f"{_GUIDE}/lambda-concurrency.html",
        "AWS runs 1,000 before it throttles; a machine that cannot should be slow, not wrong.",
    ),
)
