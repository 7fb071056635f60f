-- The redirect action. A route that redirects gives its parts in the filter context: lists in which a placeholder is
-- a table of its name, so that no text of a request is ever read as a placeholder.
-- The line above this one sets PAGES.

local find, sub, concat = string.find, string.sub, table.concat

-- "The redirect URL ... can't be longer than 8K": HTTP 507 on
-- https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html
local LOCATION_LIMIT = 8192

local function answer(handle, status, location)
  handle:respond({[":status"] = tostring(status), ["location"] = location},
    PAGES[status])
end

local function fill(parts, values)
  local filled = {}
  for index, part in ipairs(parts) do
    filled[index] = part.text or values[part.placeholder]
  end
  return concat(filled)
end

function envoy_on_request(handle)
  local context = handle:filterContext()
  -- A request whose path was normalized meets this filter on every route.
  local status = context:get("status")
  if not status then
    return
  end
  local headers = handle:headers()
  local target = headers:get(":path") or "/"
  local mark = find(target, "?", 1, true)
  local host = string.gsub(headers:get(":authority") or "", ":%d*$", "")
  local values = {
    host = host,
    path = sub(target, 2, mark and mark - 1 or -1),
    query = mark and sub(target, mark + 1) or "",
    port = context:get("own_port"),
    protocol = context:get("own_protocol"),
  }
  local query = fill(context:get("query"), values)
  local location = string.lower(fill(context:get("protocol"), values)) .. "://" .. fill(context:get("host"), values) .. ":"
    .. fill(context:get("port"), values) .. fill(context:get("path"), values) .. (query ~= "" and "?" .. query or "")
  -- EDGE-13
  if #location > LOCATION_LIMIT then
    return answer(handle, 507)
  end
  return answer(handle, tonumber(status), location)
end
