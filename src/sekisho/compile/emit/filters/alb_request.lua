-- What a load balancer does to every request: limits, Host, trace id.
-- The lines above this one set PUBLIC_PORT, DEFAULT_PORT (of the scheme), PRESERVE_HOST and PAGES.

local sub, gsub, lower, format = string.sub, string.gsub, string.lower, string.format
local concat, random, time = table.concat, math.random, os.time

-- LuaJIT gives every worker the same sequence unless it is told otherwise; an address differs between workers.
math.randomseed(time() + (tonumber((gsub(tostring({}), "%D", ""))) or 0) % 1e9)

-- "request line 16 K, single header 16 K":
-- https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
local LINE_LIMIT = 16384
-- "Request tracing ... 7 KB":
-- https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-request-tracing.html
local TRACE_LIMIT = 7168

local function answer(handle, status)
  handle:respond({[":status"] = tostring(status)}, PAGES[status])
end

local function new_id()
  return format("1-%08x-%06x%06x%06x%06x", time(), random(0, 16777215), random(0, 16777215),
    random(0, 16777215), random(0, 16777215))
end

-- EDGE-12
local function trace(received)
  if not received or received == "" or #received > TRACE_LIMIT then
    return "Root=" .. new_id()
  end
  local fields, has_root = {}, false
  for field in string.gmatch(received, "[^;]+") do
    if sub(field, 1, 5) ~= "Self=" then
      fields[#fields + 1] = field
      has_root = has_root or sub(field, 1, 5) == "Root="
    end
  end
  return (has_root and "Self=" or "Root=") .. new_id() .. ";" .. concat(fields, ";")
end

-- Envoy has taken off the port that this listener has on this machine: it stands for the one that the listener was
-- created with.
-- EDGE-14
local function normalize_host(host)
  host = lower(host)
  local name, port = string.match(host, "^(.*):(%d*)$")
  if name and port ~= "" and tonumber(port) ~= PUBLIC_PORT then
    return host
  end
  return (name or host) .. (PUBLIC_PORT == DEFAULT_PORT and "" or ":" .. PUBLIC_PORT)
end

local function too_long(headers, name)
  local value = headers:get(name)
  return value and #name + #value + 2 >= LINE_LIMIT
end

function envoy_on_request(handle)
  local headers = handle:headers()
  -- EDGE-16: the request line also holds two blanks and the version.
  if #(headers:get(":path") or "") + #headers:get(":method") + 10 >= LINE_LIMIT then
    return answer(handle, 414)
  end
  if too_long(headers, "authorization") or too_long(headers, "cookie") then
    return answer(handle, 400)
  end
  if not PRESERVE_HOST then
    local host = headers:get(":authority") or ""
    local normalized = normalize_host(host)
    if normalized ~= host then
      headers:replace(":authority", normalized)
    end
  end
  headers:replace("x-amzn-trace-id", trace(headers:get("x-amzn-trace-id")))
end
