-- Carries out the parameter mapping of an integration, and what its URL and method ask for. A route that has any of
-- that gives it in the filter context; texts of a request are only ever inserted, never read as templates.
-- json.lua and a line that sets BODIES stand above it.

--------------------------------------------------------------------------------------------------------- claims

local SEXTET = {}
for index, letter in ("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"):gmatch("()(.)") do
  SEXTET[letter] = index - 1
end

local function decode_base64url(text)
  local octets, bits, count = {}, 0, 0
  for letter in text:gmatch(".") do
    bits, count = bits * 64 + assert(SEXTET[letter]), count + 6
    if count >= 8 then
      count = count - 8
      local unit = 2 ^ count
      octets[#octets + 1] = string.char(math.floor(bits / unit))
      bits = bits % unit
    end
  end
  return concat(octets)
end

-- Returns a claim as functions see it: `[a b]` for arrays (HTTP-EVENT-03).
local function claim_text(node)
  if node and node.kind == "array" then
    local items = {}
    for index, item in ipairs(node.items) do
      items[index] = claim_text(item) or "<nil>"
    end
    return "[" .. concat(items, " ") .. "]"
  end
  return text_of(node)
end

------------------------------------------------------------------------------------------------------- sources

local function decode(text)
  return (text:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
end

local function encode(text)
  return (text:gsub("[^A-Za-z0-9._~-]", function(letter) return ("%%%02X"):format(letter:byte()) end))
end

local function split_target(target)
  local path, query = target:match("^([^?]*)%??(.*)$")
  return path, query
end

-- Returns the values of a parameter joined by commas, or nil.
local function read_parameter(query, name)
  local values = {}
  for pair in query:gmatch("[^&]+") do
    local key, value = pair:match("^([^=]*)=?(.*)$")
    if decode(key) == name then
      values[#values + 1] = decode(value)
    end
  end
  return values[1] and concat(values, ",")
end

-- Returns the values of the variables of a path template, as they stand in the path.
local function read_variables(route, path)
  local variables, steps = {}, {}
  for step in path:sub(#(route.prefix or "") + 2):gmatch("([^/]*)/?") do
    steps[#steps + 1] = step
  end
  for index, segment in ipairs(route.segments or {}) do
    if segment.greedy then
      local rest = path:sub(#(route.prefix or "") + 2)
      for _ = 1, index - 1 do
        rest = rest:gsub("^[^/]*/?", "", 1)
      end
      variables[segment.variable] = rest
    elseif segment.variable then
      variables[segment.variable] = steps[index]
    end
  end
  return variables
end

local function read_token(request, route)
  local value
  if route.token_source == "query" then
    value = read_parameter(request.query, route.token_name)
  else
    value = request.headers:get(route.token_name)
  end
  return (value or ""):gsub("^[bB][eE][aA][rR][eE][rR] ", "")
end

local function read_claims(request, route)
  if not request.claims then
    local payload = read_token(request, route):match("^[^.]*%.([^.]*)%.")
    local ok, text = pcall(decode_base64url, payload or "")
    request.claims = ok and parse_json(text) or { members = {} }
  end
  return request.claims
end

local function read_context(request, route, name)
  local known = route.known or {}
  local claim = name:match("^authorizer%.claims%.(.+)$")
  if claim then
    return claim_text((read_claims(request, route).members or {})[claim])
  end
  local fact = name:match("^authorizer%.(.+)$")
  if fact then
    return request.authorizer and request.authorizer[fact]
  end
  local read = {
    requestId = request.id, extendedRequestId = request.id, httpMethod = request.method, path = request.path,
    protocol = "HTTP/1.1", ["identity.sourceIp"] = request.peer,
    ["identity.userAgent"] = request.user_agent,
    requestTimeEpoch = tostring(request.time), requestTime = os.date("!%d/%b/%Y:%H:%M:%S +0000", request.time / 1000),
  }
  return read[name] or known[name]
end

local READERS = {
  text = function(_, _, name) return name end,
  header = function(message, _, name) return message.headers:get(name) end,
  querystring = function(message, _, name) return read_parameter(message.query, name) end,
  path = function(message, route, name)
    if name == "" then
      return message.path
    end
    local value = message.variables[name]
    return value and decode(value)
  end,
  body = function(message, _, name)
    if name == "" then
      return message.body
    end
    message.json = message.json or parse_json(message.body) or {}
    return text_of(select_node(message.json, name))
  end,
  context = function(message, route, name) return read_context(message, route, name) end,
}

-- Returns the value of a change, or nil where all that it selects is missing (HTTP-MAP-03).
local function render(message, route, parts)
  local texts, found = {}, #parts == 0
  for index, part in ipairs(parts) do
    local text = READERS[part.source](message, route, part.name)
    found = found or text ~= nil
    texts[index] = text or ""
  end
  return found and concat(texts) or nil
end

-------------------------------------------------------------------------------------------------------- changes

local function change_header(headers, change, value)
  -- A line's end would begin another header.
  value = value and value:gsub("[%z\1-\8\10-\31\127]", "")
  local name = change.name == "host" and ":authority" or change.name
  if change.verb == "remove" then
    headers:remove(name)
  elseif value and change.verb == "append" and name ~= ":authority" then
    headers:add(name, value)
  elseif value then
    headers:replace(name, value)
  end
end

local function change_query(query, change, value)
  local kept = {}
  for pair in query:gmatch("[^&]+") do
    if change.verb == "append" or decode(pair:match("^[^=]*")) ~= change.name then
      kept[#kept + 1] = pair
    end
  end
  if change.verb ~= "remove" and value then
    kept[#kept + 1] = encode(change.name) .. "=" .. encode(value)
  elseif change.verb ~= "remove" then
    return query
  end
  return concat(kept, "&")
end

local function clean_path(path)
  path = path:gsub("[^!-~]", function(letter) return ("%%%02X"):format(letter:byte()) end):gsub("[?#]", encode)
  return path:sub(1, 1) == "/" and path or "/" .. path
end

-- Returns the path of the integration's URL: its texts and the variables of the route.
local function fill_path(parts, variables)
  local filled = {}
  for index, part in ipairs(parts) do
    filled[index] = part.text or variables[part.variable] or ""
  end
  return concat(filled)
end

local function read_body(handle)
  local body = handle:body()
  return body and body:length() > 0 and body:getBytes(0, body:length()) or nil
end

-- What a request holds before anything of it is changed: changes of responses look at it too.
local function read_request(handle, route)
  local headers, metadata = handle:headers(), handle:streamInfo():dynamicMetadata()
  local path, query = split_target(headers:get(":path"))
  local asked = metadata:get("envoy.filters.http.ext_authz")
  return {
    headers = headers,
    path = path,
    query = query,
    method = headers:get(":method"),
    variables = read_variables(route, path),
    id = metadata:get("sekisho.api").id,
    peer = (handle:streamInfo():downstreamDirectRemoteAddress():gsub(":%d+$", "")),
    user_agent = headers:get("user-agent"),
    time = handle:timestamp(),
    authorizer = asked and asked.authorizer,
  }
end

local function remember(handle, request, route)
  local metadata = handle:streamInfo():dynamicMetadata()
  for _, name in ipairs(route.remembered or {}) do
    local value = read_context(request, route, name)
    if value then
      metadata:set("sekisho.context", name, value)
    end
  end
end

local function apply_request(handle, route)
  -- Waiting for the body ends the life of every object that was had before.
  local body = route.reads_body and read_body(handle) or nil
  local request, headers = read_request(handle, route), handle:headers()
  request.body = body
  remember(handle, request, route)
  handle:streamInfo():dynamicMetadata():set("sekisho.context", "passed", "yes")
  -- Every value is computed before anything changes (HTTP-MAP-02).
  local values = {}
  for index, change in ipairs(route.request or {}) do
    values[index] = render(request, route, change.value)
  end
  local path, query = request.path, request.query
  if route.path then
    path = fill_path(route.path, request.variables)
    if route.query then
      query = route.query .. (query ~= "" and "&" .. query or "")
    end
  end
  if route.authority then
    headers:replace(":authority", route.authority)
  end
  if route.method then
    headers:replace(":method", route.method)
  end
  for index, change in ipairs(route.request or {}) do
    if change.place == "header" then
      change_header(headers, change, values[index])
    elseif change.place == "querystring" then
      query = change_query(query, change, values[index])
    elseif values[index] then
      path = clean_path(values[index])
    end
  end
  headers:replace(":path", path .. (query ~= "" and "?" .. query or ""))
end

local function apply_response(handle, route)
  local changes = route.responses[handle:headers():get(":status")]
  -- A request that a guard refused has reached no integration.
  if not changes or not handle:streamInfo():dynamicMetadata():get("sekisho.context") then
    return
  end
  local body = route.response_reads_body and read_body(handle) or nil
  local headers, metadata = handle:headers(), handle:streamInfo():dynamicMetadata()
  local known = metadata:get("sekisho.context")
  known.status, known["integration.status"] = headers:get(":status"), headers:get(":status")
  local id = metadata:get("sekisho.api").id
  local response = { headers = headers, id = id, time = handle:timestamp(), body = body }
  local facts = { known = setmetatable(known, { __index = route.known or {} }) }
  local values = {}
  for index, change in ipairs(changes) do
    values[index] = render(response, facts, change.value)
  end
  for index, change in ipairs(changes) do
    if change.place == "header" then
      change_header(headers, change, values[index])
    elseif values[index] and values[index]:find("^[2-5]%d%d$") then
      headers:replace(":status", values[index])
    end
  end
end

function envoy_on_request(handle)
  local route = handle:filterContext():get("integration")
  if not route then
    return
  end
  -- An error in a script lets the request pass in Envoy; here it must not pass unchanged.
  local ok, failure = pcall(apply_request, handle, route)
  if not ok then
    handle:logErr("integration: " .. tostring(failure))
    handle:respond({[":status"] = "500", ["content-type"] = "application/json"}, BODIES[500])
  end
end

function envoy_on_response(handle)
  local route = handle:filterContext():get("integration")
  if not route or not route.responses then
    return
  end
  local ok, failure = pcall(apply_response, handle, route)
  if not ok then
    handle:logErr("integration: " .. tostring(failure))
  end
end
