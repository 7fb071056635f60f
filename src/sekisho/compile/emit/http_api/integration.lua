-- Carries out the parameter mapping of an integration, and what its URL and method ask for. A route that has any of
-- that gives it in the filter context; texts of a request are only ever inserted, never read as templates.
-- A line that sets BODIES stands above it.

local function split_target(target)
  local path, query = target:match("^([^?]*)%??(.*)$")
  return path, query
end

-- Returns the values of the variables of a path template, as they stand in the path.
local function read_variables(route, path)
  local variables, steps = {}, {}
  for step in path:sub(2):gmatch("([^/]*)/?") do
    steps[#steps + 1] = step
  end
  for index, segment in ipairs(route.segments or {}) do
    if segment.greedy then
      local rest = path:sub(2)
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
    is_request = true,
    headers = headers,
    path = path,
    query = query,
    method = headers:get(":method"),
    variables = read_variables(route, path),
    id = metadata:get("sekisho.api").id,
    peer = (handle:streamInfo():downstreamDirectRemoteAddress():gsub(":%d+$", ""):gsub("[%[%]]", "")),
    user_agent = headers:get("user-agent"),
    time = handle:timestamp(),
    authorizer = asked and asked.authorizer,
    identity = asked and asked.identity,
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
    values[index] = render(request, route, change)
  end
  local path, query = request.path, request.query
  if route.path then
    path = fill(route.path, request.variables, as_it_is)
    if route.query then
      query = fill(route.query, request.variables, encode_again) .. (query ~= "" and "&" .. query or "")
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
    values[index] = render(response, facts, change)
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
