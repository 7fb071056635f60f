-- Reading a token: what it says, signature aside.

local LONGEST_TOKEN = 16 * 1024

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
