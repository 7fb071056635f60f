-- Envoy turns its own answers to requests of gRPC's content type into a 200 with grpc-status. A load balancer does not:
-- this gives them back their status, type and page. Without a target that answers it is the status and grpc-status 14.
-- It runs on such requests only: a route of their own turns it on, as one does for paths to normalize.

local function decode_percent(text)
  return (string.gsub(text, "%%(%x%x)", function(pair) return string.char(tonumber(pair, 16)) end))
end

function envoy_on_request(handle)
  handle:streamInfo():dynamicMetadata():set("sekisho.grpc", "seen", true)
  handle:clearRouteCache()
end

function envoy_on_response(handle)
  local headers = handle:headers()
  local status, content_type = headers:get("x-sekisho-status"), headers:get("x-sekisho-type")
  headers:remove("x-sekisho-status")
  headers:remove("x-sekisho-type")
  -- An answer of a target has no status there, one that Envoy did not turn has none of gRPC's.
  if not status or not headers:get("grpc-status") then
    return
  end
  local page = decode_percent(headers:get("grpc-message") or "")
  headers:replace(":status", status)
  headers:remove("content-type")
  -- EDGE-23
  if status == "502" or status == "503" or status == "504" then
    headers:replace("content-length", "0")
    headers:replace("grpc-message", "unavailable")
    return
  end
  headers:remove("grpc-status")
  headers:remove("grpc-message")
  if content_type then
    headers:replace("content-type", content_type)
  end
  if page ~= "" then
    headers:replace("content-length", tostring(#page))
    -- What becomes of the headers from here on is out of a script's reach.
    handle:body(true):setBytes(page)
  end
end
