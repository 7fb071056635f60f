-- The JWT authorizers of HTTP APIs, rule by rule as in sekisho/verify/http_api.py.

local function invalid_token(description)
  return refusal(401, "invalid_token", description)
end

local HTTP_API = {
  missing = refusal(401, "missing_token"),
  segments = invalid_token("token contains an invalid number of segments"),
  length = invalid_token("token is malformed: it is too long"),
  header = invalid_token("token is malformed: could not JSON decode header"),
  payload = invalid_token("token is malformed: could not JSON decode claim"),
  no_algorithm = invalid_token("signing method (alg) is unspecified."),
  unknown_algorithm = invalid_token("signing method (alg) is unavailable."),
  extension = invalid_token("token is malformed: crit and b64 are not supported"),
  no_discovery = invalid_token("OIDC discovery endpoint communication error"),
  no_keys = invalid_token("JWKS communication error"),
  no_key = invalid_token("unable to find a signing key that matches the kid"),
  bad_signature = invalid_token("crypto/rsa: verification error"),
  bad_issuer = invalid_token("the token does not have a valid issuer"),
  bad_audience = invalid_token("the token does not have a valid audience"),
  expired = invalid_token("the token has expired"),
  not_yet = invalid_token("the token is not valid yet"),
  future = invalid_token("the token was issued in the future"),
  forbidden = refusal(403, "insufficient_scope"),
  internal = refusal(500, "internal_error"),
}

local function refuse_algorithm(guard, alg) -- HTTP-JWT-08
  if guard.algorithms[alg] then
    return nil
  elseif type(alg) ~= "string" then
    return HTTP_API.no_algorithm
  elseif #alg <= 16 and alg:find("^[A-Za-z0-9-]+$") then
    return invalid_token("signing method " .. alg .. " is invalid")
  end
  return HTTP_API.unknown_algorithm
end

local function has_audience(payload, guard) -- HTTP-JWT-16: where none is wanted, none fits
  if payload.aud == nil then -- HTTP-JWT-15
    return guard.wanted_audiences[payload.client_id] ~= nil
  elseif type(payload.aud) == "string" then -- HTTP-JWT-14
    return guard.wanted_audiences[payload.aud] ~= nil
  end
  for _, audience in ipairs(payload.aud) do
    if guard.wanted_audiences[audience] then
      return true
    end
  end
  return false
end

local function has_scope(payload, guard)
  if #guard.scopes == 0 then -- HTTP-JWT-22
    return true
  end
  local scopes = payload.scp -- HTTP-JWT-21
  if scopes == nil then
    scopes = payload.scope
  end
  if type(scopes) == "string" then
    for word in scopes:gmatch("[^ ]+") do -- HTTP-JWT-20
      if guard.wanted_scopes[word] then
        return true
      end
    end
  elseif is_string_array(scopes) then
    for _, word in ipairs(scopes) do
      if guard.wanted_scopes[word] then
        return true
      end
    end
  end
  return false
end

local function check_http_api_claims(payload, guard, now)
  if payload.iss ~= guard.issuer then -- HTTP-JWT-13
    return HTTP_API.bad_issuer
  elseif not has_audience(payload, guard) then
    return HTTP_API.bad_audience
  elseif not payload.exp or not is_before(now, payload.exp, guard) then -- HTTP-JWT-17
    return HTTP_API.expired
  elseif payload.nbf and not has_reached(now, payload.nbf, guard) then -- HTTP-JWT-18
    return HTTP_API.not_yet
  elseif payload.iat and not has_reached(now, payload.iat, guard) then -- HTTP-JWT-19
    return HTTP_API.future
  elseif not has_scope(payload, guard) then
    return HTTP_API.forbidden
  end
  return nil
end

-- Returns the refusal or nil, and the token as far as it could be read.
local function decide_http_api(guard, value, verified, now) -- HTTP-JWT-25: the order of the checks
  if not value or value == "" then -- HTTP-JWT-01
    return HTTP_API.missing
  end
  local text = value
  if guard.source == "header" and value:sub(1, 7):lower() == "bearer " then -- HTTP-JWT-02, HTTP-JWT-03, HTTP-JWT-26
    text = value:sub(8)
  end
  local token, flaw, offset = parse_token(text)
  if not token then -- HTTP-JWT-06, HTTP-JWT-07
    return HTTP_API[flaw] or invalid_token("illegal base64 data at input byte " .. offset)
  end
  local header = token.header
  local wrong_algorithm = refuse_algorithm(guard, header.alg)
  if wrong_algorithm then
    return wrong_algorithm, token
  elseif has_extension(header) then
    return HTTP_API.extension, token
  elseif guard.undiscovered then -- HTTP-JWT-09
    return HTTP_API.no_discovery, token
  elseif guard.state ~= "ready" then -- HTTP-JWT-10
    return HTTP_API.no_keys, token
  elseif not has_key(header, guard) then -- HTTP-JWT-11
    return HTTP_API.no_key, token
  elseif has_wrong_type(token.payload) then
    return HTTP_API.payload, token
  elseif not verified then -- HTTP-JWT-12
    return HTTP_API.bad_signature, token
  end
  return check_http_api_claims(token.payload, guard, now), token
end

local MESSAGES = { [401] = "Unauthorized", [403] = "Forbidden", [500] = "Internal Server Error" }

local function challenge(refused, guard)
  if refused.reason == "missing_token" then -- HTTP-JWT-01
    return "Bearer"
  end
  local start = 'Bearer scope="' .. guard.scope_text .. '" error="' .. refused.reason .. '"'
  if not refused.description then -- HTTP-JWT-24
    return start
  end
  return start .. ' error_description="' .. refused.description .. '"' -- HTTP-JWT-23
end

local function answer_http_api(handle, refused, guard)
  local headers = { [":status"] = tostring(refused.status), ["content-type"] = "application/json" }
  if refused ~= HTTP_API.internal then
    headers["www-authenticate"] = challenge(refused, guard)
  end
  handle:respond(headers, '{"message":"' .. MESSAGES[refused.status] .. '"}')
end
