-- Puts the path back that the client sent, right before the request leaves (URI-03).

function envoy_on_request(handle)
  local kept = handle:streamInfo():dynamicMetadata():get("sekisho.path")
  if kept and kept.original then
    handle:headers():replace(":path", kept.original)
  end
end
