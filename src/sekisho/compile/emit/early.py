"""What happens to request headers before anything else looks at them."""

from envoy.config.common.mutation_rules.v3.mutation_rules_pb2 import HeaderMutation as Change
from envoy.config.core.v3.extension_pb2 import TypedExtensionConfig
from envoy.extensions.http.early_header_mutation.header_mutation.v3.header_mutation_pb2 import HeaderMutation
from envoy.type.matcher.v3.string_pb2 import StringMatcher

from sekisho.compile.emit.patterns import regex_matcher
from sekisho.compile.emit.resources import pack, set_header
from sekisho.model.ir import ListenerOptions

SIZE_HEADER = "x-sekisho-size"
"""Holds how many bytes the names and values of all headers have, the request line's among them."""

_OWN = ("x-sekisho-", "x-envoy-")
"""Names that only the edge itself may set: Envoy obeys some of the latter (retries, timeouts)."""

# "drop_invalid_header_fields ... header names that do not conform to [-A-Za-z0-9]+":
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html
_INVALID_NAME = r"[^:]\C*[^-A-Za-z0-9]\C*|[^-A-Za-z0-9:]\C*"


def emit_early_mutations(options: ListenerOptions, *, sized: bool = False) -> TypedExtensionConfig:
    """Return the extension that removes headers which a client may not send.

    ``sized`` also has it set :data:`SIZE_HEADER`, which whoever asks for it has to remove.
    """
    # EDGE-15
    unwanted = [StringMatcher(prefix=prefix, ignore_case=True) for prefix in _OWN]
    if options.drop_invalid_headers:
        unwanted.append(StringMatcher(safe_regex=regex_matcher(_INVALID_NAME)))
    changes = [Change(remove_on_match=Change.RemoveOnMatch(key_matcher=matcher)) for matcher in unwanted]
    if sized:
        changes.append(Change(append=set_header(SIZE_HEADER, "%REQUEST_HEADERS_BYTES%")))
    return TypedExtensionConfig(
        name="envoy.http.early_header_mutation.header_mutation",
        typed_config=pack(HeaderMutation(mutations=changes)),
    )
