"""HTTP APIs on Envoy: answers, route tables and filters. Owns what differs from load balancers; reads the IR only."""
