"""OpenAPI 3.0 definitions of HTTP APIs: read into the requests that make an API, and written from one.

Owns the extensions that API Gateway adds to OpenAPI; knows no state.
"""
