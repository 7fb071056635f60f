-- A strict JSON reader (RFC 8259): TOKEN-03 to TOKEN-05.

local DEEPEST_JSON = 32
local LONGEST_NUMBER = 128

local NULL = {}
local ARRAY = {} -- the metatable of arrays; objects have none

local LITERALS = { t = { "true", true }, f = { "false", false }, n = { "null", NULL } }
local ESCAPES = {
  ['"'] = '"', ["\\"] = "\\", ["/"] = "/", b = "\b", f = "\f", n = "\n", r = "\r", t = "\t",
}

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
