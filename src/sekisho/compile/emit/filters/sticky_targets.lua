-- Keeps a client on one target by cookie, where the target group asks for that. The cookie holds when it ends and the
-- target's address. Each answer begins its time anew, and it is kept by browsers for a week.
-- https://docs.aws.amazon.com/elasticloadbalancing/latest/application/sticky-sessions.html

local NAMESPACE = "sekisho.sticky_target"
local TARGET_HEADER = "x-sekisho-target"
local KEPT_SECONDS = 7 * 24 * 3600
local format, gsub, match, time = string.format, string.gsub, string.match, os.time

local function encode(target, ends)
  return format("%08x", ends) .. gsub(target, ".", function(character) return format("%02x", character:byte()) end)
end

-- Returns the target that a cookie's value names while it holds.
local function decode(value)
  local ends, target = match(value, "^(%x%x%x%x%x%x%x%x)(%x+)$")
  if not ends or tonumber(ends, 16) <= time() then
    return nil
  end
  return (gsub(target, "%x%x", function(pair) return string.char(tonumber(pair, 16)) end))
end

-- Returns the value of a cookie, or nil.
local function read(cookies, name)
  for each, value in string.gmatch(cookies, '([^=; ]+)="?([^;"]*)') do
    if each == name then
      return value
    end
  end
  return nil
end

local function find_target(cookies, application)
  if application then
    -- EDGE-22: without the application's own cookie there is no session to keep.
    return read(cookies, application) and decode(read(cookies, "AWSALBAPP-0") or "")
  end
  return decode(read(cookies, "AWSALB") or "") or decode(read(cookies, "AWSALBCORS") or "")
end

function envoy_on_request(handle)
  local context = handle:filterContext()
  local seconds, application = context:get("seconds"), context:get("application")
  -- A request whose path was normalized meets this filter on every route.
  if not seconds then
    return
  end
  local target = find_target(handle:headers():get("cookie") or "", application)
  if target then
    -- An address that is none of the group's, or not healthy, is passed over.
    pcall(handle.setUpstreamOverrideHost, handle, target, false)
  end
  local metadata = handle:streamInfo():dynamicMetadata()
  metadata:set(NAMESPACE, "seconds", seconds)
  metadata:set(NAMESPACE, "kept", target ~= nil)
  metadata:set(NAMESPACE, "application", application or "")
end

local function sets_cookie(headers, name)
  for index = 0, headers:getNumValues("set-cookie") - 1 do
    if match(headers:getAtIndex("set-cookie", index), "^%s*([^=;%s]+)") == name then
      return true
    end
  end
  return false
end

function envoy_on_response(handle)
  local kept = handle:streamInfo():dynamicMetadata():get(NAMESPACE)
  local headers = handle:headers()
  local target = headers:get(TARGET_HEADER)
  headers:remove(TARGET_HEADER)
  -- No target has answered where there is none in the header.
  if not kept or not target then
    return
  end
  local now = time()
  local cookie = encode(target, now + kept.seconds)
    .. "; Expires=" .. os.date("!%a, %d %b %Y %H:%M:%S GMT", now + KEPT_SECONDS) .. "; Path=/"
  if kept.application == "" then
    headers:add("set-cookie", "AWSALB=" .. cookie)
    headers:add("set-cookie", "AWSALBCORS=" .. cookie .. "; SameSite=None; Secure")
  elseif kept.kept or sets_cookie(headers, kept.application) then
    headers:add("set-cookie", "AWSALBAPP-0=" .. cookie)
  end
end
