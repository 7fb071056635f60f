-- What an HTTP API does to every request: its id, limits, trace id.
-- The line above this one sets BODIES.

local concat, format, random, sub, time =
  table.concat, string.format, math.random, string.sub, os.time

-- LuaJIT gives every worker the same sequence unless it is told otherwise; an address differs between workers.
math.randomseed(time() + (tonumber((string.gsub(tostring({}), "%D", ""))) or 0) % 1e9)

-- "Total combined size of request line and header values: 10240 bytes", "Payload size: 10 MB":
-- https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
local HEAD_LIMIT = 10240
local BODY_LIMIT = 10 * 1024 * 1024
local TRACE_LIMIT = 7168

local ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

-- Eleven random octets in base64url: fifteen characters, the last with two zero bits, and the padding (HTTP-EDGE-01).
local function new_id()
  local letters = {}
  for index = 1, 14 do
    local at = random(1, 64)
    letters[index] = sub(ALPHABET, at, at)
  end
  local at = random(0, 15) * 4 + 1
  letters[15] = sub(ALPHABET, at, at)
  return concat(letters) .. "="
end

local function new_trace()
  return format("1-%08x-%06x%06x%06x%06x", time(), random(0, 16777215), random(0, 16777215),
    random(0, 16777215), random(0, 16777215))
end

local function trace(received)
  if not received or received == "" or #received > TRACE_LIMIT then
    return "Root=" .. new_trace()
  end
  return received
end

local function answer(handle, status)
  handle:respond({[":status"] = tostring(status), ["content-type"] = "application/json"}, BODIES[status])
end

-- What Envoy adds, and what stands in the request line already.
local UNCOUNTED = {
  [":method"] = true, [":path"] = true, [":scheme"] = true, [":protocol"] = true,
  ["x-forwarded-proto"] = true, ["x-envoy-external-address"] = true,
}

local function head_size(headers)
  -- The request line also holds two blanks, the version and the line's end.
  local size = #(headers:get(":method") or "") + #(headers:get(":path") or "") + 12
  for name, value in pairs(headers) do
    if not UNCOUNTED[name] then
      size = size + #value
    end
  end
  return size
end

function envoy_on_request(handle)
  local headers = handle:headers()
  local metadata = handle:streamInfo():dynamicMetadata()
  metadata:set("sekisho.api", "id", new_id())
  local origin = headers:get("origin")
  if origin then
    metadata:set("sekisho.api", "origin", origin)
  end
  local host = headers:get(":authority") or ""
  -- What an integration sees of both may be something else; the logs show what the client has sent.
  metadata:set("sekisho.api", "host", host)
  metadata:set("sekisho.api", "target", headers:get(":path"))
  if string.find(host, ",", 1, true) then -- HTTP-EDGE-10: Envoy joins several fields
    return answer(handle, 400)
  end
  if head_size(headers) > HEAD_LIMIT then -- HTTP-EDGE-03
    return answer(handle, 431)
  end
  local length = headers:get("content-length")
  if length and (tonumber(length) or 0) > BODY_LIMIT then -- HTTP-EDGE-04
    return answer(handle, 413)
  end
  headers:replace("x-amzn-trace-id", trace(headers:get("x-amzn-trace-id")))
end
