"""Tokens that name a key nobody knows: their key set is fetched again, in case the issuer has a new key."""

from collections.abc import Callable

from sekisho.compile.compile import Compiled
from sekisho.model.decisions import Decision
from sekisho.serve.audit import find_guard
from sekisho.serve.key_broker import KeyBroker

_SIGNATURE_REASONS = frozenset({"JWTSignatureValidationError", "invalid_token"})


class UnknownKeys:
    """Tells the key broker about key ids that refused tokens named."""

    def __init__(self, broker: KeyBroker, compiled: Callable[[], Compiled | None]) -> None:
        self._broker = broker
        self._compiled = compiled

    def take(self, decision: Decision) -> None:
        """Look at one decision; the broker itself bounds how often it fetches."""
        compiled = self._compiled()
        if not decision.kid or decision.reason not in _SIGNATURE_REASONS or compiled is None:
            return
        guard = find_guard(compiled, decision.listener, decision.rule)
        if guard is not None:
            self._broker.report_unknown_kid(guard.key_set, decision.kid)
