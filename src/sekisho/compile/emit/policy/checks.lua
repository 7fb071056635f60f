-- What the guards of both edges check alike.

local LATEST_DATE = { exp = 253402300799, nbf = 4294967295, iat = 253402300799 }

local function refusal(status, reason, description)
  return { status = status, reason = reason, description = description }
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
