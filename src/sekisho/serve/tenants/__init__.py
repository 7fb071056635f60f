"""The HTTP side of Auth0-style tenants: token endpoint, keys, discovery, Management API, and making tenants."""
