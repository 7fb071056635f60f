"""IR -> Envoy resources. Owns every Envoy word; reads the IR only; never sees an AWS resource."""
