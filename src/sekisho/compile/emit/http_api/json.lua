-- A JSON reader (RFC 8259) that keeps the text of every value: numbers reach a backend digit by digit.

local concat = table.concat

local ESCAPES = { ['"'] = '"', ["\\"] = "\\", ["/"] = "/", b = "\b", f = "\f", n = "\n", r = "\r", t = "\t" }
local DEEPEST = 64

local function read_escape(text, at)
  local letter = text:sub(at, at)
  if letter ~= "u" then
    return assert(ESCAPES[letter]), at + 1
  end
  local code = tonumber(assert(text:match("^%x%x%x%x", at + 1)), 16)
  at = at + 5
  local low = code >= 0xD800 and code < 0xDC00 and text:match("^\\u([dD][c-fC-F]%x%x)", at)
  if low then
    return encode_utf8(0x10000 + (code - 0xD800) * 1024 + tonumber(low, 16) - 0xDC00), at + 6
  end
  return encode_utf8(code), at
end

local function read_string(text, at)
  local parts = {}
  while true do
    local stop = assert(text:find('["\\]', at))
    parts[#parts + 1] = text:sub(at, stop - 1)
    if text:sub(stop, stop) == '"' then
      return concat(parts), stop + 1
    end
    parts[#parts + 1], at = read_escape(text, stop + 1)
  end
end

local read_value

local function read_members(text, at, depth, close, read_member)
  at = text:find("[^ \t\r\n]", at)
  if text:sub(at, at) == close then
    return at + 1
  end
  while true do
    at = read_member(at)
    at = assert(text:find("[^ \t\r\n]", at))
    local mark = text:sub(at, at)
    at = at + 1
    if mark == close then
      return at
    end
    assert(mark == ",")
  end
end

-- Returns a table with `kind`, `text` (as it stands there) and what it holds, and the place behind it.
function read_value(text, at, depth)
  assert(depth < DEEPEST)
  at = assert(text:find("[^ \t\r\n]", at))
  local mark, node, stop = text:sub(at, at), nil, nil
  if mark == '"' then
    node = { kind = "string" }
    node.value, stop = read_string(text, at + 1)
  elseif mark == "{" then
    node = { kind = "object", members = {} }
    stop = read_members(text, at + 1, depth, "}", function(place)
      local name, value
      place = assert(text:find("[^ \t\r\n]", place))
      assert(text:sub(place, place) == '"')
      name, place = read_string(text, place + 1)
      place = assert(text:match("^[ \t\r\n]*:()", place))
      value, place = read_value(text, place, depth + 1)
      node.members[name] = value
      return place
    end)
  elseif mark == "[" then
    node = { kind = "array", items = {} }
    stop = read_members(text, at + 1, depth, "]", function(place)
      node.items[#node.items + 1], place = read_value(text, place, depth + 1)
      return place
    end)
  else
    local word = assert(text:match("^[%w.+-]+", at))
    assert(word == "true" or word == "false" or word == "null" or tonumber(word))
    node, stop = { kind = word == "null" and "null" or tonumber(word) and "number" or "boolean" }, at + #word
  end
  node.text = text:sub(at, stop - 1)
  return node, stop
end

local function parse_json(text)
  local ok, node = pcall(read_value, text or "", 1, 0)
  return ok and node or nil
end

-- Returns the node at a path such as `a.b[0].c`, or nil.
local function select_node(node, path)
  for name, index in path:gmatch("([^.%[%]]*)%[?(%d*)%]?%.?") do
    if name ~= "" and node then
      node = node.members and node.members[name]
    end
    if index ~= "" and node then
      node = node.items and node.items[tonumber(index) + 1]
    end
  end
  return node
end

-- Returns a value as text: a string's content, anything else as it stands there; nil for null (HTTP-MAP-04).
local function text_of(node)
  if not node or node.kind == "null" then
    return nil
  end
  return node.kind == "string" and node.value or node.text
end

