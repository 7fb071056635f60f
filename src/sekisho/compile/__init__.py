"""compile(snapshot) -> Envoy resources and diagnostics: a pure, total function.

No I/O, no clock; the same snapshot gives the same bytes.
"""
