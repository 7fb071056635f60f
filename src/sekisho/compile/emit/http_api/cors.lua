-- CORS of an HTTP API. A route of an API with a CORS configuration gives it in the filter context.
-- The filter stands behind the guards: a preflight that a guarded route takes is refused like any other request
-- without a token (HTTP-CORS-04). What it adds to responses it adds to refusals too.

local NAMESPACE = "sekisho.cors"

local NAMES = {
  "access-control-allow-origin", "access-control-allow-credentials", "access-control-expose-headers",
  "access-control-allow-methods", "access-control-allow-headers", "access-control-max-age",
}

local function fits(pattern, origin)
  if pattern == "https://*" or pattern == "http://*" then
    local scheme = pattern:sub(1, -2)
    return #origin > #scheme and origin:sub(1, #scheme) == scheme
  end
  return pattern == origin
end

-- Returns what stands in Access-Control-Allow-Origin, or nil (HTTP-CORS-02).
local function allowed(cors, origin)
  for _, pattern in ipairs(cors.origins or {}) do
    if pattern == "*" then
      return "*"
    elseif fits(pattern, origin) then
      return origin
    end
  end
  return nil
end

function envoy_on_request(handle)
  local headers = handle:headers()
  -- HTTP-CORS-01
  if headers:get(":method") == "OPTIONS" and headers:get("origin") and headers:get("access-control-request-method")
    and handle:filterContext():get("cors") then
    handle:streamInfo():dynamicMetadata():set(NAMESPACE, "preflight", true)
    handle:respond({[":status"] = "204"}, "")
  end
end

function envoy_on_response(handle)
  local cors = handle:filterContext():get("cors")
  if not cors then
    return
  end
  local headers = handle:headers()
  for _, name in ipairs(NAMES) do -- HTTP-CORS-03
    headers:remove(name)
  end
  local metadata = handle:streamInfo():dynamicMetadata()
  local request = metadata:get("sekisho.api")
  local origin = request and request.origin and allowed(cors, request.origin)
  if not origin then
    return
  end
  local function add(name, value)
    if value then
      headers:add("access-control-" .. name, value)
    end
  end
  add("allow-origin", origin)
  if origin ~= "*" then -- HTTP-CORS-05
    headers:add("vary", "origin")
  end
  add("allow-credentials", cors.credentials and "true")
  add("expose-headers", cors.exposed)
  local kept = metadata:get(NAMESPACE)
  if kept and kept.preflight then
    add("allow-methods", cors.methods)
    add("allow-headers", cors.headers)
    add("max-age", cors.max_age)
  end
end
