"""From a request to an explanation: the rule that takes it, each check of its guard, and the decision."""

from collections.abc import Mapping

from sekisho.model.choices import DEFAULT_CHOICES, Choices
from sekisho.model.explanation import ExplainedCheck, Explanation
from sekisho.model.ir import (
    Action,
    AlbGuard,
    FixedResponse,
    Flavour,
    Forward,
    Guard,
    KeySet,
    KeySetState,
    Listener,
    Redirect,
    Refuse,
    Route,
)
from sekisho.model.ir_http_api import Invoke, Proxy, Question
from sekisho.verify.alb import decide_alb
from sekisho.verify.decision import Check, Decision
from sekisho.verify.http_api import decide_http_api
from sekisho.verify.routing import RequestLine, choose_route


def explain(
    listener: Listener,
    key_sets: Mapping[str, KeySet],
    request: RequestLine,
    now: float,
    choices: Choices = DEFAULT_CHOICES,
) -> Explanation:
    """Explain what a listener does with a request; ``now`` is in seconds since 1970."""
    route = choose_route(listener, request)
    if route is None:
        return Explanation("No rule of the listener fits the request.", "deny", 404, "", "", listener.arn, "")
    status, action = _describe_action(route.action)
    if route.guard is None and listener.flavour is Flavour.HTTP_API and status == 404:
        why = f"Not found: {_name(route)} takes the request; {action}."
        return Explanation(why, "deny", status, "", "", listener.arn, action)
    if route.guard is None:
        why = f"Allowed: {_name(route)} has no JWT guard; {action}{_condition(route)}."
        return Explanation(why, "allow", status, "", route.arn, listener.arn, action)
    decision = decide(route.guard, key_sets, request, now, choices)
    return Explanation(
        why=_why(decision, route, action),
        decision="allow" if decision.allow else "deny",
        status=status if decision.allow else decision.status,
        reason=decision.reason,
        rule=route.arn,
        listener=listener.arn,
        action=action,
        error_description=decision.error_description,
        checks=tuple(map(_explained, decision.checks)),
    )


def decide(
    guard: Guard, key_sets: Mapping[str, KeySet], request: RequestLine, now: float, choices: Choices
) -> Decision:
    """Return the reference's decision for a guard of either kind."""
    missing = KeySet(guard.key_set, guard.key_set, KeySetState.PENDING, detail="The keys were never fetched.")
    key_set = key_sets.get(guard.key_set, missing)
    if isinstance(guard, AlbGuard):
        return decide_alb(guard, key_set, request.headers, now, choices)
    query = request.target.partition("?")[2]
    return decide_http_api(guard, key_set, request.headers, query, now, choices)


def _why(decision: Decision, route: Route, action: str) -> str:
    if decision.allow:
        return f"Allowed: the token passes all {len(decision.checks)} checks of {_name(route)}; {action}."
    check = decision.checks[-1]
    told = ": ".join(filter(None, (decision.reason, decision.error_description)))
    return f"Refused with {decision.status} ({told}): expected {check.expected}, found {check.found} [{check.id}]."


def _explained(check: Check) -> ExplainedCheck:
    detail = f"expected {check.expected}, found {check.found}"
    return ExplainedCheck(check.id, check.claim, check.ok, detail, check.source)


def _name(route: Route) -> str:
    return route.title or (f"rule {route.priority}" if route.priority else "the default rule")


def _condition(route: Route) -> str:
    """Return who else is asked about a request, and is not asked here."""
    match route.api.question:
        case Question(kind="function"):
            return ", provided that its Lambda authorizer, which is not asked here, lets it pass"
        case Question():
            return ", provided that it is signed as AWS_IAM wants it, which is not looked at here"
        case None:
            return ""


def _describe_action(action: Action) -> tuple[int, str]:
    match action:
        case Forward():
            return 200, f"it is forwarded to {', '.join(part.upstream for part in action.upstreams)}"
        case Redirect():
            return action.status, f"it is redirected with {action.status}"
        case FixedResponse():
            return action.status, f"it gets the fixed response {action.status}"
        case Invoke():
            return 200, "a function answers it"
        case Proxy():
            return 200, f"it is forwarded to {action.upstream}"
        case Refuse():
            return 500, f"the rule cannot be carried out ({action.code}), so it gets 500"
