-- Query strings (RFC 3986 section 3.4), as `a=1&b=2`.

local function decode_percent(text)
  if not text:find("%", 1, true) then
    return text
  end
  return (text:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
end

-- Returns the parameter's values joined by commas, or nil.
local function read_parameter(query, name)
  local values = {}
  for pair in query:gmatch("[^&]+") do
    local key, value = pair:match("^([^=]*)=?(.*)$")
    if decode_percent(key) == name then
      values[#values + 1] = decode_percent(value)
    end
  end
  return values[1] and table.concat(values, ",")
end
