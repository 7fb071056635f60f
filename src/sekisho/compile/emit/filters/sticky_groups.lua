-- Keeps a client on one of the target groups of a rule by the cookie AWSALBTG. The cookie holds when it ends and an
-- id; Envoy chooses the group by the id's hash, which falls on the groups by their weights.
-- https://docs.aws.amazon.com/elasticloadbalancing/latest/application/sticky-sessions.html

local NAMESPACE = "sekisho.sticky_group"
local COOKIE_SECONDS = 7 * 24 * 3600
local random, time, format = math.random, os.time, string.format

-- LuaJIT gives every worker the same sequence unless it is told otherwise; an address differs between workers.
math.randomseed(time() + (tonumber((string.gsub(tostring({}), "%D", ""))) or 0) % 1e9)

local function id_in(cookies)
  for ends, id in string.gmatch(cookies, "AWSALBTG[CORS]*=(%x%x%x%x%x%x%x%x)(%x+)") do
    if #id == 32 and tonumber(ends, 16) > time() then
      return id
    end
  end
  return nil
end

local function new_id()
  return format("%08x%08x%08x%08x", random(0, 4294967295), random(0, 4294967295), random(0, 4294967295),
    random(0, 4294967295))
end

function envoy_on_request(handle)
  local seconds = handle:filterContext():get("seconds")
  -- A request whose path was normalized meets this filter on every route.
  if not seconds then
    return
  end
  local headers = handle:headers()
  local id = id_in(headers:get("cookie") or "") or new_id()
  headers:replace("x-sekisho-group", id)
  handle:clearRouteCache()
  local metadata = handle:streamInfo():dynamicMetadata()
  metadata:set(NAMESPACE, "id", id)
  metadata:set(NAMESPACE, "seconds", seconds)
end

function envoy_on_response(handle)
  local kept = handle:streamInfo():dynamicMetadata():get(NAMESPACE)
  if not kept then
    return
  end
  local value = format("%08x%s", time() + kept.seconds, kept.id)
  local rest = "; Expires=" .. os.date("!%a, %d %b %Y %H:%M:%S GMT", time() + COOKIE_SECONDS) .. "; Path=/"
  handle:headers():add("set-cookie", "AWSALBTG=" .. value .. rest)
  handle:headers():add("set-cookie", "AWSALBTGCORS=" .. value .. rest .. "; SameSite=None; Secure")
end
