-- The jwt-validation actions of load balancers, rule by rule as in sekisho/verify/alb.py.

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

local TITLES = {
  [401] = "401 Authorization Required",
  [500] = "500 Internal Server Error",
  [562] = "562 JWKS Request Failed",
}

local function answer_alb(handle, refused) -- ALB-JWT-29, ALB-JWT-30, ALB-JWT-32
  local title = TITLES[refused.status]
  local page = "<html>\r\n<head><title>" .. title .. "</title></head>\r\n<body>\r\n<center><h1>" .. title
    .. "</h1></center>\r\n</body>\r\n</html>\r\n"
  local headers = { [":status"] = tostring(refused.status), ["server"] = "awselb/2.0" }
  headers["content-type"] = "text/html"
  handle:respond(headers, page)
end
