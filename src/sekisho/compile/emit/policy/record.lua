-- The record of a decision, which access log and `explain` read.

local SHOWN = 256

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
