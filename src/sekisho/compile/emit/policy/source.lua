-- Where a request carries its token.

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

local function read_source(handle, guard)
  if guard.source == "query" then
    return read_parameter(handle:headers():get(":path"), guard.source_name)
  end
  return handle:headers():get(guard.source_name) -- HTTP-JWT-04: several values come joined by commas
end
