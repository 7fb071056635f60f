-- base64url (RFC 4648 section 5), strict: TOKEN-02.

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
