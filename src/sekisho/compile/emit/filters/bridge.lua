-- Tells the control plane which upstream a request is for, and keeps why it refused out of the client's sight.
-- The line above this one sets UPSTREAM.

function envoy_on_request(handle)
  handle:headers():replace("x-sekisho-upstream", UPSTREAM)
end

function envoy_on_response(handle)
  local headers = handle:headers()
  local reason = headers:get("x-sekisho-reason")
  if reason then
    handle:streamInfo():dynamicMetadata():set("sekisho.function", "reason", reason)
    headers:remove("x-sekisho-reason")
  end
end
