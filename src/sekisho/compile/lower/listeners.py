"""A listener of a load balancer with its rules."""

from collections.abc import Collection

from sekisho.compile.lower.actions import lower_action, lower_guard
from sekisho.compile.lower.attributes import lower_options
from sekisho.compile.lower.conditions import lower_conditions
from sekisho.compile.lower.key_sets import KeySets
from sekisho.compile.lower.tls import lower_tls
from sekisho.kernel.addresses import is_loopback
from sekisho.model.elbv2 import Listener as ElbListener
from sekisho.model.elbv2 import LoadBalancer, Rule, Transform
from sekisho.model.ir import Flavour, Listener, Match, Refuse, Rewrite, RewriteKind, Route
from sekisho.model.ir_tls import Tls
from sekisho.model.snapshot import Snapshot

_REWRITES = {"url-rewrite": RewriteKind.URL, "host-header-rewrite": RewriteKind.HOST}


class ListenerLowering:
    """Lowers the listeners of one snapshot."""

    def __init__(self, snapshot: Snapshot, key_sets: KeySets) -> None:
        self._snapshot = snapshot
        self._key_sets = key_sets
        self._target_groups: Collection[str] = {group.arn for group in snapshot.target_groups}
        self._rules: dict[str, list[Rule]] = {}
        for rule in snapshot.rules:
            self._rules.setdefault(rule.listener_arn, []).append(rule)

    def lower(self, listener: ElbListener, balancer: LoadBalancer, port: int) -> Listener:
        """Return the listener on a local port: its rules by priority, the default one last."""
        # EDGE-01: the lowest priority is tried first, the default rule last.
        rules = sorted(self._rules.get(listener.arn, ()), key=lambda rule: rule.priority)
        return Listener(
            name=listener.arn,
            arn=listener.arn,
            flavour=Flavour.ALB,
            port=port,
            public_port=listener.port,
            routes=(*(self._rule(rule, balancer) for rule in rules), self._default(listener, balancer)),
            tls=self._tls(listener),
            options=lower_options(balancer.attributes, listener.attributes),
            address=self._snapshot.address,
            audit_share=self._snapshot.audit_share,
            audit_refusals=is_loopback(self._snapshot.address),
            host=balancer.dns_name,
        )

    def _rule(self, rule: Rule, balancer: LoadBalancer) -> Route:
        match, complete = lower_conditions(rule.conditions)
        return Route(
            name=rule.arn,
            arn=rule.arn,
            priority=rule.priority,
            match=match,
            action=lower_action(rule.actions, self._target_groups)
            if complete
            else Refuse("condition-unsupported"),
            guard=lower_guard(rule.actions, lambda url: self._key_sets.use(url, balancer, rule.arn)),
            rewrites=tuple(_rewrite(transform) for transform in rule.transforms),
        )

    def _default(self, listener: ElbListener, balancer: LoadBalancer) -> Route:
        return Route(
            name=listener.default_rule_arn,
            arn=listener.default_rule_arn,
            priority=0,
            match=Match(),
            action=lower_action(listener.default_actions, self._target_groups),
            guard=lower_guard(
                listener.default_actions, lambda url: self._key_sets.use(url, balancer, listener.arn)
            ),
        )

    def _tls(self, listener: ElbListener) -> Tls | None:
        if listener.protocol != "HTTPS":
            return None
        certificates = (
            self._snapshot.certificates[arn]
            for arn in listener.certificates
            if arn in self._snapshot.certificates
        )
        return lower_tls(listener.ssl_policy, tuple(certificates))


def _rewrite(transform: Transform) -> Rewrite:
    return Rewrite(_REWRITES[transform.type], transform.regex, transform.replace)
