"""AWS Lambda: functions, versions, aliases, resource policies and invocations.

Reads and writes ``model/lambda_.py`` through the context; the code is kept and run by what implements ``hosting``.
Layers, event source mappings, function URLs, container images and durable functions are not implemented.
"""

from sekisho.services.lambda_ import (
    aliases,
    code,
    concurrency,
    configuration,
    functions,
    invocations,
    permissions,
    tags,
    versions,
)
from sekisho.services.registry import Service

SERVICE = Service.from_modules(
    "lambda",
    (functions, configuration, code, versions, aliases, permissions, invocations, concurrency, tags),
)
"""The service as the registry takes it."""
