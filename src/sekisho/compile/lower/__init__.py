"""Model -> IR. Owns the meaning of AWS resources; reads a snapshot; never names anything of Envoy's."""
