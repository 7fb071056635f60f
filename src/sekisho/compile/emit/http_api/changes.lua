-- The changes that a parameter mapping makes: to headers, the query string and the path.

local function encode(text)
  return (text:gsub("[^A-Za-z0-9._~-]", function(letter) return ("%%%02X"):format(letter:byte()) end))
end

local function change_header(headers, change, value)
  -- A line's end would begin another header.
  value = value and value:gsub("[%z\1-\8\10-\31\127]", "")
  local name = change.name == "host" and ":authority" or change.name
  if change.verb == "remove" then
    headers:remove(name)
  elseif value and change.verb == "append" and name ~= ":authority" then
    headers:add(name, value)
  elseif value then
    headers:replace(name, value)
  end
end

local function change_query(query, change, value)
  local kept = {}
  for pair in query:gmatch("[^&]+") do
    if change.verb == "append" or decode_percent(pair:match("^[^=]*")) ~= change.name then
      kept[#kept + 1] = pair
    end
  end
  if change.verb ~= "remove" and value then
    kept[#kept + 1] = encode(change.name) .. "=" .. encode(value)
  elseif change.verb ~= "remove" then
    return query
  end
  return concat(kept, "&")
end

local function clean_path(path)
  path = path:gsub("[^!-~]", function(letter) return ("%%%02X"):format(letter:byte()) end):gsub("[?#]", encode)
  return path:sub(1, 1) == "/" and path or "/" .. path
end

local function as_it_is(text)
  return text
end

-- In a query a variable may hold what would begin another parameter.
local function encode_again(text)
  return encode(decode_percent(text))
end

-- Returns a part of the integration's URL: its texts and the variables of the route.
local function fill(parts, variables, spell)
  local filled = {}
  for index, part in ipairs(parts) do
    filled[index] = part.text or spell(variables[part.variable] or "")
  end
  return concat(filled)
end
