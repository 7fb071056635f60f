-- What a load balancer does to every request: limits, Host, trace id.
-- The lines above this one set PUBLIC_PORT, DEFAULT_PORT (of the scheme), PRESERVE_HOST and PAGES.
-- It runs on every request, and each look at a header costs: it takes no more of them than it needs.

local sub, gsub, lower, match, format = string.sub, string.gsub, string.lower, string.match, string.format
local concat, random, time = table.concat, math.random, os.time

-- LuaJIT gives every worker the same sequence unless it is told otherwise; an address differs between workers.
math.randomseed(time() + (tonumber((gsub(tostring({}), "%D", ""))) or 0) % 1e9)

-- "request line 16 K, single header 16 K":
-- https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
local LINE_LIMIT = 16384
-- Two blanks and the version.
local LINE_REST = 10
-- "Request tracing ... 7 KB":
-- https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-request-tracing.html
local TRACE_LIMIT = 7168
local REMEMBERED_HOSTS = 1000

local function answer(handle, status)
  handle:respond({[":status"] = tostring(status)}, PAGES[status])
end

-- 16 random digits and 8 that count: the former are drawn once a second.
local second, prefix, counter = 0, "", random(0, 16777215)

local function new_id()
  local now = time()
  if now ~= second then
    second = now
    prefix = format("1-%08x-%06x%06x%04x", now, random(0, 16777215), random(0, 16777215), random(0, 65535))
  end
  counter = (counter + 1) % 4294967296
  return prefix .. format("%08x", counter)
end

-- EDGE-12
local function trace(received)
  if received == "" or #received > TRACE_LIMIT then
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

-- Returns nil for what is no host, such as several of them, which Envoy joins by a comma (RFC 3986 section 3.2.2).
-- Envoy has taken off the port that this listener has on this machine: it stands for the one that the listener was
-- created with.
-- EDGE-14, EDGE-21
local function normalize_host(host)
  host = lower(host)
  local name, port = match(host, "^(.*):(%d*)$")
  name = name or host
  if not match(name, "^[%w%-._~!$&'()*+;=%%]*$") and not match(name, "^%[[%x:.]+%]$") then
    return nil
  end
  if port and port ~= "" and tonumber(port) ~= PUBLIC_PORT then
    return host
  end
  return name .. (PUBLIC_PORT == DEFAULT_PORT and "" or ":" .. PUBLIC_PORT)
end

local hosts, remembered = {}, 0

local function host_for(host)
  local known = hosts[host]
  if known == nil then
    if remembered == REMEMBERED_HOSTS then
      hosts, remembered = {}, 0
    end
    known = normalize_host(host) or false
    hosts[host] = known
    remembered = remembered + 1
  end
  return known
end

-- Returns the status that a limit asks for, or nil.
-- EDGE-16
local function find_excess(headers)
  if #(headers:get(":path") or "") + #headers:get(":method") + LINE_REST >= LINE_LIMIT then
    return 414
  end
  for name, value in pairs(headers) do
    if sub(name, 1, 1) ~= ":" and #name + #value + 2 >= LINE_LIMIT then
      return 400
    end
  end
  return nil
end

function envoy_on_request(handle)
  local headers = handle:headers()
  -- All of them together are seldom as long as one may be.
  if (tonumber(headers:get("x-sekisho-size")) or LINE_LIMIT) > LINE_LIMIT - LINE_REST then
    local excess = find_excess(headers)
    if excess then
      return answer(handle, excess)
    end
  end
  if not PRESERVE_HOST then
    local host = headers:get(":authority")
    local wanted = host and host_for(host)
    if wanted == false then
      return answer(handle, 400)
    elseif wanted ~= host then
      headers:replace(":authority", wanted)
    end
  end
  local received = headers:get("x-amzn-trace-id")
  if received then
    headers:replace("x-amzn-trace-id", trace(received))
  else
    headers:add("x-amzn-trace-id", "Root=" .. new_id())
  end
end
