"""Access logs of HTTP APIs: what Envoy tells of a request, written as a stage's format wants it."""
