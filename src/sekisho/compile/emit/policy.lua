-- Decides every guarded request. The rules are those of sekisho/verify (alb.py, http_api.py, token.py); their ids
-- stand where they decide, and tests/conformance holds the two equal.
--
-- A route's policy comes with the route (LuaPerRoute.filter_context): `id`, which names everything that a decision
-- depends on but the request and the time, and `policy`. Envoy's jwt_authn has run before and left a proof when it
-- verified the signature with a key of the policy's key set; nothing it says about claims is used.

local JWT_AUTHN = "envoy.filters.http.jwt_authn"
local LONGEST_TOKEN = 16 * 1024
local DEEPEST_JSON = 32
local LONGEST_NUMBER = 128
local LATEST_DATE = { exp = 253402300799, nbf = 4294967295, iat = 253402300799 }
local REMEMBERED_BYTES = 8 * 1024 * 1024
local SHOWN = 256

---------------------------------------------------------------------------------------------------- refusals

local function refusal(status, reason, description)
  return { status = status, reason = reason, description = description }
end

local function invalid_token(description)
  return refusal(401, "invalid_token", description)
end

local ALB = {
  no_header = refusal(401, "JWTHeaderNotPresent"),
  bad_request = refusal(401, "JWTRequestFormatInvalid"),
  bad_signature = refusal(401, "JWTSignatureValidationError"),
  claim_missing = refusal(401, "JWTClaimNotPresent"),
  claim_format = refusal(401, "JWTClaimFormatInvalid"),
  claim_value = refusal(401, "JWTClaimValueInvalid"),
  keys_invalid = refusal(562, "JWKSResponseInvalid"),
  internal = refusal(500, "JWTValidationInternalError"),
}

local ALB_STATES = {
  ["unreachable"] = refusal(500, "JWKSRequestTimeout"), -- ALB-JWT-06
  ["too-large"] = refusal(500, "JWKSResponseSizeExceeded"), -- ALB-JWT-07
  ["refused"] = refusal(562, "JWKSRequestFailed"), -- ALB-JWT-08
  ["invalid"] = ALB.keys_invalid, -- ALB-JWT-09
}

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

------------------------------------------------------------------------------------- base64url (RFC 4648, strict)

local SEXTET = {}
do
  local alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
  for index = 1, #alphabet do
    SEXTET[alphabet:byte(index)] = index - 1
  end
end

-- The bits of the last character that complete no octet, by the length of the segment modulo 4.
local STRAY_BITS = { [0] = 1, [2] = 16, [3] = 4 }

-- Returns the place of the first wrong character, counted from 0, or nil (TOKEN-02).
local function find_foreign(segment)
  local foreign = segment:find("[^A-Za-z0-9_-]")
  if foreign then
    return foreign - 1
  end
  local modulus = STRAY_BITS[#segment % 4]
  if not modulus or SEXTET[segment:byte(-1)] % modulus ~= 0 then
    return #segment - 1
  end
  return nil
end

local function decode_base64url(segment)
  local octets, count = {}, 0
  for index = 1, #segment, 4 do
    local a, b, c, d = segment:byte(index, index + 3)
    local bits = SEXTET[a] * 262144 + SEXTET[b] * 4096 + (c and SEXTET[c] or 0) * 64 + (d and SEXTET[d] or 0)
    local first = math.floor(bits / 65536)
    local second = math.floor(bits / 256) % 256
    count = count + 1
    if d then
      octets[count] = string.char(first, second, bits % 256)
    elseif c then
      octets[count] = string.char(first, second)
    else
      octets[count] = string.char(first)
    end
  end
  return table.concat(octets)
end

------------------------------------------------------------------- JSON (RFC 8259, strict: TOKEN-03 to TOKEN-05)

local NULL = {}
local ARRAY = {} -- the metatable of arrays; objects have none

local LITERALS = { t = { "true", true }, f = { "false", false }, n = { "null", NULL } }
local ESCAPES = {
  ['"'] = '"', ["\\"] = "\\", ["/"] = "/", b = "\b", f = "\f", n = "\n", r = "\r", t = "\t",
}

-- The byte sequences of UTF-8 (RFC 3629 section 4).
local UTF8_SEQUENCES = {
  "^[\194-\223][\128-\191]",
  "^\224[\160-\191][\128-\191]",
  "^[\225-\236\238\239][\128-\191][\128-\191]",
  "^\237[\128-\159][\128-\191]",
  "^\240[\144-\191][\128-\191][\128-\191]",
  "^[\241-\243][\128-\191][\128-\191][\128-\191]",
  "^\244[\128-\143][\128-\191][\128-\191]",
}

local function is_utf8(text)
  local position = text:find("[\128-\255]")
  while position do
    local stop = nil
    for _, sequence in ipairs(UTF8_SEQUENCES) do
      stop = stop or select(2, text:find(sequence, position))
    end
    if not stop then
      return false
    end
    position = text:find("[\128-\255]", stop + 1)
  end
  return true
end

local function encode_utf8(code)
  if code < 0x80 then
    return string.char(code)
  elseif code < 0x800 then
    return string.char(0xC0 + math.floor(code / 64), 0x80 + code % 64)
  elseif code < 0x10000 then
    return string.char(0xE0 + math.floor(code / 4096), 0x80 + math.floor(code / 64) % 64, 0x80 + code % 64)
  end
  return string.char(
    0xF0 + math.floor(code / 262144),
    0x80 + math.floor(code / 4096) % 64,
    0x80 + math.floor(code / 64) % 64,
    0x80 + code % 64
  )
end

-- Returns the character of a \u escape whose digits start at `position`, and the place behind it.
local function read_unicode(text, position)
  local code = tonumber(assert(text:match("^%x%x%x%x", position)), 16)
  position = position + 4
  if code >= 0xD800 and code <= 0xDBFF then
    local low = tonumber(assert(text:match("^\\u(%x%x%x%x)", position)), 16)
    assert(low >= 0xDC00 and low <= 0xDFFF)
    return encode_utf8(0x10000 + (code - 0xD800) * 1024 + low - 0xDC00), position + 6
  end
  assert(code < 0xDC00 or code > 0xDFFF)
  return encode_utf8(code), position
end

-- Returns the string whose opening quote stands before `position`, and the place behind it.
local function read_string(text, position)
  local parts = nil
  while true do
    local stop = assert(text:find('[%z\1-\31"\\]', position))
    local piece, character = text:sub(position, stop - 1), text:sub(stop, stop)
    if character == '"' then
      if not parts then
        return piece, stop + 1
      end
      parts[#parts + 1] = piece
      return table.concat(parts), stop + 1
    end
    assert(character == "\\")
    parts = parts or {}
    parts[#parts + 1] = piece
    local escape = text:sub(stop + 1, stop + 1)
    if escape == "u" then
      parts[#parts + 1], position = read_unicode(text, stop + 2)
    else
      parts[#parts + 1], position = assert(ESCAPES[escape]), stop + 2
    end
  end
end

local function read_number(text, position)
  local function past(pattern, from)
    local _, stop = text:find(pattern, from)
    return stop and stop + 1
  end
  local behind = assert(past("^-?[1-9]%d*", position) or past("^-?0", position))
  behind = past("^%.%d+", behind) or behind
  behind = past("^[eE][+-]?%d+", behind) or behind
  local digits = text:sub(position, behind - 1)
  assert(#digits <= LONGEST_NUMBER and not digits:find("[eE][+-]?%d%d%d%d%d")) -- TOKEN-05
  local number = tonumber(digits)
  assert(number > -math.huge and number < math.huge)
  return number, behind
end

local function skip(text, position)
  return text:find("[^ \t\r\n]", position) or #text + 1
end

local read_value

local function read_array(text, position, depth)
  local array = setmetatable({}, ARRAY)
  position = skip(text, position)
  if text:sub(position, position) == "]" then
    return array, position + 1
  end
  while true do
    array[#array + 1], position = read_value(text, position, depth)
    position = skip(text, position)
    local character = text:sub(position, position)
    if character == "]" then
      return array, position + 1
    end
    assert(character == ",")
    position = position + 1
  end
end

local function read_object(text, position, depth)
  local object = {}
  position = skip(text, position)
  if text:sub(position, position) == "}" then
    return object, position + 1
  end
  while true do
    position = skip(text, position)
    assert(text:sub(position, position) == '"')
    local name
    name, position = read_string(text, position + 1)
    assert(object[name] == nil) -- TOKEN-04
    position = skip(text, position)
    assert(text:sub(position, position) == ":")
    object[name], position = read_value(text, position + 1, depth)
    position = skip(text, position)
    local character = text:sub(position, position)
    if character == "}" then
      return object, position + 1
    end
    assert(character == ",")
    position = position + 1
  end
end

-- Returns the value at `position` and the place behind it.
function read_value(text, position, depth)
  position = skip(text, position)
  local character = text:sub(position, position)
  if character == '"' then
    return read_string(text, position + 1)
  elseif character == "{" or character == "[" then
    assert(depth < DEEPEST_JSON) -- TOKEN-05
    return (character == "{" and read_object or read_array)(text, position + 1, depth + 1)
  end
  local literal = LITERALS[character]
  if literal then
    assert(text:sub(position, position + #literal[1] - 1) == literal[1])
    return literal[2], position + #literal[1]
  end
  return read_number(text, position)
end

local function is_array(value)
  return getmetatable(value) == ARRAY
end

local function read_document(text)
  assert(is_utf8(text))
  local value, position = read_value(text, 1, 0)
  assert(skip(text, position) > #text)
  assert(type(value) == "table" and not is_array(value) and value ~= NULL)
  return value
end

-- Returns the object, or nil when the text is not one JSON object by the letter of RFC 8259.
local function decode_object(text)
  local ok, object = pcall(read_document, text)
  return ok and object or nil
end

------------------------------------------------------------------------------------------------------- tokens

-- Returns the token, or nil, what is wrong, and where.
local function parse_token(text)
  local header, payload, signature = text:match("^([^.]+)%.([^.]+)%.([^.]+)$")
  if not header then -- TOKEN-01
    return nil, "segments"
  end
  if #text > LONGEST_TOKEN then -- TOKEN-06
    return nil, "length"
  end
  for _, segment in ipairs({ header, payload, signature }) do
    local offset = find_foreign(segment)
    if offset then
      return nil, "base64", offset
    end
  end
  local token = { header = decode_object(decode_base64url(header)) }
  if not token.header then
    return nil, "header"
  end
  token.payload = decode_object(decode_base64url(payload))
  if not token.payload then
    return nil, "payload"
  end
  return token
end

local function is_string_array(value)
  if not is_array(value) then
    return false
  end
  for _, element in ipairs(value) do
    if type(element) ~= "string" then
      return false
    end
  end
  return true
end

local function has_wrong_type(payload)
  for _, name in ipairs({ "iss", "sub", "jti" }) do -- TOKEN-10
    if payload[name] ~= nil and type(payload[name]) ~= "string" then
      return true
    end
  end
  local aud = payload.aud
  if aud ~= nil and type(aud) ~= "string" and not is_string_array(aud) then
    return true
  end
  for name, latest in pairs(LATEST_DATE) do
    local date = payload[name]
    if date ~= nil and (type(date) ~= "number" or date < 0 or date > latest) then -- TOKEN-11
      return true
    end
  end
  return false
end

local function has_extension(header) -- TOKEN-07
  return header.crit ~= nil or header.b64 ~= nil
end

local function has_kid(header) -- TOKEN-08
  return type(header.kid) == "string" and header.kid ~= ""
end

local function has_key(header, guard)
  local alg = has_kid(header) and guard.kids[header.kid] or nil
  return alg ~= nil and (alg == "" or alg == header.alg) -- TOKEN-12
end

-- Times are milliseconds; a double holds every one of them exactly (TOKEN-14).
local function is_before(now, date, guard)
  return now < date * 1000 + guard.leeway
end

local function has_reached(now, date, guard)
  return date * 1000 <= now + guard.leeway
end

---------------------------------------------------------------------------------------------------- ALB guards

local CLAIM_FORMATS = {
  ["single-string"] = {
    fits = function(value) return type(value) == "string" end,
    holds = function(value, claim) return claim.wanted[value] ~= nil end, -- ALB-JWT-22
  },
  ["string-array"] = {
    fits = is_string_array,
    holds = function(value, claim) -- ALB-JWT-23
      for _, element in ipairs(value) do
        if claim.wanted[element] then
          return true
        end
      end
      return false
    end,
  },
  ["space-separated-values"] = {
    fits = function(value) return type(value) == "string" end,
    holds = function(value, claim, guard) -- ALB-JWT-24
      local words = {}
      for word in value:gmatch("[^ ]+") do -- ALB-JWT-25
        words[word] = true
      end
      for _, wanted in ipairs(claim.values) do
        if (words[wanted] ~= nil) ~= guard.every_word then
          return not guard.every_word
        end
      end
      return guard.every_word
    end,
  },
}

local function check_alb_claims(payload, guard, now)
  if payload.iss == nil or payload.exp == nil then -- ALB-JWT-15, ALB-JWT-16
    return ALB.claim_missing
  elseif payload.iss ~= guard.issuer then -- ALB-JWT-17
    return ALB.claim_value
  elseif not is_before(now, payload.exp, guard) then -- ALB-JWT-18
    return ALB.claim_value
  elseif payload.nbf and not has_reached(now, payload.nbf, guard) then -- ALB-JWT-19
    return ALB.claim_value
  elseif payload.iat and not has_reached(now, payload.iat, guard) then -- ALB-JWT-20
    return ALB.claim_value
  end
  for _, claim in ipairs(guard.claims) do -- ALB-JWT-27
    local value, format = payload[claim.name], CLAIM_FORMATS[claim.format]
    if value == nil then -- ALB-JWT-21
      return ALB.claim_missing
    elseif not format.fits(value) then -- ALB-JWT-26
      return ALB.claim_format
    elseif not format.holds(value, claim, guard) then
      return ALB.claim_value
    end
  end
  return nil
end

-- Returns the refusal or nil, and the token as far as it could be read.
local function decide_alb(guard, value, verified, now) -- ALB-JWT-28: the order of the checks
  if not value then -- ALB-JWT-01
    return ALB.no_header
  end
  local scheme, text = value:match("^(%a+) ([^ ,\t]+)$") -- ALB-JWT-02, ALB-JWT-04
  if scheme ~= "Bearer" and not (guard.bearer_any_case and scheme and scheme:lower() == "bearer") then -- ALB-JWT-03
    return ALB.bad_request
  end
  local token = parse_token(text)
  if not token then -- ALB-JWT-05
    return ALB.bad_request
  end
  if guard.state ~= "ready" then -- ALB-JWT-10: nothing is known of the others
    return ALB_STATES[guard.state] or ALB.internal, token
  end
  local header = token.header
  if not guard.algorithms[header.alg] or has_extension(header) or not has_kid(header) then -- ALB-JWT-11
    return ALB.bad_signature, token
  elseif guard.refused_kids[header.kid] then -- ALB-JWT-13
    return ALB.keys_invalid, token
  elseif not has_key(header, guard) then -- ALB-JWT-12
    return ALB.bad_signature, token
  elseif has_wrong_type(token.payload) then
    return ALB.claim_format, token
  elseif not verified then -- ALB-JWT-14
    return ALB.bad_signature, token
  end
  return check_alb_claims(token.payload, guard, now), token
end

----------------------------------------------------------------------------------------------- HTTP API guards

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

-- Returns the parameter's values joined by commas, or nil (HTTP-JWT-05).
local function read_parameter(target, name)
  local query, values = target:match("%?(.*)$"), {}
  local function decode(text)
    if not text:find("%", 1, true) then
      return text
    end
    return (text:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
  end
  for pair in (query or ""):gmatch("[^&]+") do
    local key, value = pair:match("^([^=]*)=?(.*)$")
    if decode(key) == name then
      values[#values + 1] = decode(value)
    end
  end
  return values[1] and table.concat(values, ",")
end

------------------------------------------------------------------------------------------------------ the answer

local TITLES = {
  [401] = "401 Authorization Required",
  [500] = "500 Internal Server Error",
  [562] = "562 JWKS Request Failed",
}
local MESSAGES = { [401] = "Unauthorized", [403] = "Forbidden", [500] = "Internal Server Error" }

local function answer_alb(handle, refused) -- ALB-JWT-29, ALB-JWT-30, ALB-JWT-32
  local title = TITLES[refused.status]
  local page = "<html>\r\n<head><title>" .. title .. "</title></head>\r\n<body>\r\n<center><h1>" .. title
    .. "</h1></center>\r\n</body>\r\n</html>\r\n"
  local headers = { [":status"] = tostring(refused.status), ["server"] = "awselb/2.0" }
  headers["content-type"] = "text/html"
  handle:respond(headers, page)
end

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

------------------------------------------------------------------------------------------------------ the record

-- Returns the text as a JSON string, cut short at a character's end.
local function quote(text)
  if #text > SHOWN then
    text = text:sub(1, SHOWN):gsub("[\192-\255][\128-\191]*$", "")
  end
  return '"' .. text:gsub('[%z\1-\31"\\\127]', function(character)
    return ("\\u%04x"):format(character:byte())
  end) .. '"'
end

-- Returns the decision as JSON text: never the token, its claims only when its signature is verified.
local function write_record(id, refused, token, verified)
  local members = {
    '"decision":' .. (refused and '"deny"' or '"allow"'),
    '"status":' .. (refused and refused.status or 200),
    '"reason":' .. quote(refused and refused.reason or ""),
    '"policy":' .. quote(id),
  }
  local function add(name, value)
    if type(value) == "string" then
      members[#members + 1] = quote(name) .. ":" .. quote(value)
    end
  end
  add("description", refused and refused.description)
  if token then
    add("kid", token.header.kid)
    add("alg", token.header.alg)
  end
  if token and verified then
    add("iss", token.payload.iss)
    add("sub", token.payload.sub)
    add("client_id", token.payload.client_id)
  end
  return "{" .. table.concat(members, ",") .. "}"
end

---------------------------------------------------------------------------------------------- what is remembered

-- Policies by id, each with the header values that it allowed: value -> when that ends, and the record. What was
-- not asked for in one generation is forgotten in the next, so the memory has a bound.
local young, old, young_bytes = {}, {}, 0

local function set_of(list)
  local set = {}
  for _, value in ipairs(list) do
    set[value] = true
  end
  return set
end

local EDGES = {
  ["alb"] = { decide = decide_alb, answer = answer_alb, internal = ALB.internal },
  ["http-api"] = { decide = decide_http_api, answer = answer_http_api, internal = HTTP_API.internal },
}

local function load_policy(guard)
  guard.behaviour = assert(EDGES[guard.edge])
  guard.tokens = {}
  for _, claim in ipairs(guard.claims or {}) do
    claim.wanted = set_of(claim.values)
    assert(CLAIM_FORMATS[claim.format])
  end
  guard.wanted_audiences = set_of(guard.audiences or {})
  guard.wanted_scopes = set_of(guard.scopes or {})
  -- What a header may hold: a quote or a control character would break out of the parameter.
  guard.scope_text = table.concat(guard.scopes or {}, " "):gsub("[^ -~]", ""):gsub('["\\]', "")
  return guard
end

local function remember(bytes)
  young_bytes = young_bytes + bytes
  if young_bytes > REMEMBERED_BYTES then
    young, old, young_bytes = {}, young, 0
  end
end

local function find_guard(context, id)
  local guard = young[id]
  if not guard then
    guard = load_policy(context:get("policy"))
    guard.older = old[id] and old[id].tokens or {}
    young[id] = guard
    remember(1024)
  end
  return guard
end

local function find_allowed(guard, value, now)
  local allowed = guard.tokens[value]
  if not allowed then
    allowed = guard.older[value]
    if allowed then
      guard.tokens[value] = allowed
      remember(#value + #allowed.record + 128)
    end
  end
  return allowed and now < allowed.ends and allowed or nil
end

------------------------------------------------------------------------------------------------------- requests

local function read_source(handle, guard)
  if guard.source == "query" then
    return read_parameter(handle:headers():get(":path"), guard.source_name)
  end
  return handle:headers():get(guard.source_name) -- HTTP-JWT-04: several values come joined by commas
end

-- Returns the guard, the refusal or nil, and the record.
local function decide(handle)
  local context = handle:filterContext()
  local id = context:get("id")
  local guard = find_guard(context, id)
  local metadata = handle:streamInfo():dynamicMetadata()
  local proofs = metadata:get(JWT_AUTHN)
  -- A key may have been withdrawn: a token that was allowed before needs its proof again.
  local verified = proofs ~= nil and proofs[guard.proof] ~= nil
  local value, now = read_source(handle, guard), handle:timestamp()
  local allowed = verified and find_allowed(guard, value, now)
  if allowed then
    metadata:set("sekisho", "decision", allowed.record)
    return guard, nil, allowed.record
  end
  local refused, token = guard.behaviour.decide(guard, value, verified, now)
  local record = write_record(id, refused, token, verified)
  if not refused then
    guard.tokens[value] = { ends = token.payload.exp * 1000 + guard.leeway, record = record }
    remember(#value + #record + 128)
  end
  metadata:set("sekisho", "decision", record)
  return guard, refused, record
end

function envoy_on_request(handle)
  -- Envoy lets a request pass when a script fails, so every failure ends here in a refusal (ALB-JWT-10).
  local ok, guard, refused, record = pcall(decide, handle)
  if not ok then
    handle:logErr("policy: " .. tostring(guard))
    guard, refused = { behaviour = EDGES["alb"] }, ALB.internal
  end
  if PROBE and record and handle:headers():get(PROBE) then
    -- `explain` asks for the decision itself; nobody else knows the header's name, and nothing reaches the target.
    handle:respond({ [":status"] = "200", ["content-type"] = "application/json" }, record)
  elseif refused then
    guard.behaviour.answer(handle, refused, guard)
  end
end
