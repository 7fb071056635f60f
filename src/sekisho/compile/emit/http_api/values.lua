-- What a change of a parameter mapping may be made of: texts, parts of the message, context and claims.

-- "API Gateway truncates the request body at 100 KB and then applies the selection expression":
-- https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-parameter-mapping.html
local SELECTED_BODY = 100 * 1024

-- Returns a number without an exponent and without zeros that say nothing.
local function plain_number(text)
  local sign, whole, fraction, exponent = text:match("^(-?)(%d+)%.?(%d*)[eE]?([+-]?%d*)$")
  if not whole or not text:find("[.eE]") then
    return text
  end
  local digits, point = whole .. fraction, #whole + (tonumber(exponent) or 0)
  if point < 1 then
    digits, point = ("0"):rep(1 - point) .. digits, 1
  end
  digits = digits .. ("0"):rep(point - #digits)
  whole, fraction = digits:sub(1, point):gsub("^0+(%d)", "%1"), digits:sub(point + 1):gsub("0+$", "")
  return sign .. whole .. (fraction ~= "" and "." .. fraction or "")
end

-- Returns a claim as functions see it: `[a b]` for arrays (HTTP-EVENT-03).
local function claim_text(node)
  if node and node.kind == "array" then
    local items = {}
    for index, item in ipairs(node.items) do
      items[index] = claim_text(item) or "<nil>"
    end
    return "[" .. concat(items, " ") .. "]"
  elseif node and node.kind == "number" then
    return plain_number(node.text)
  end
  return text_of(node)
end

local function read_token(request, route)
  local value
  if not route.token_source then
    return ""
  elseif route.token_source == "query" then
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
  local who = name:match("^identity%.(.+)$")
  if who and request.identity and request.identity[who] then
    return request.identity[who]
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
  path = function(message, route, name, place)
    if name == "" then -- HTTP-MAP-05
      local below = message.path:sub(#route.prefix + 1)
      return below ~= "" and below or "/"
    end
    local value = message.variables[name]
    -- HTTP-MAP-06: a decoded slash would be a step of the new path.
    return value and (place == "path" and value or decode_percent(value))
  end,
  body = function(message, _, name)
    if name == "" then
      return message.body
    end
    if not message.json then
      local body = message.body or ""
      -- HTTP-MAP-07
      message.json = parse_json(message.is_request and body:sub(1, SELECTED_BODY) or body) or {}
    end
    return text_of(select_node(message.json, name))
  end,
  context = function(message, route, name) return read_context(message, route, name) end,
  -- Those that the stage has stand there as texts.
  stageVariables = function() return nil end,
}

-- Returns the value of a change, or nil where all that it selects is missing (HTTP-MAP-03).
local function render(message, route, change)
  local parts = change.value
  local texts, found = {}, #parts == 0
  for index, part in ipairs(parts) do
    local text = READERS[part.source](message, route, part.name, change.place)
    found = found or text ~= nil
    texts[index] = text or ""
  end
  return found and concat(texts) or nil
end
