-- Puts the normalized path in and has the route chosen again (URI-01, URI-02). Runs only where the path may change;
-- the same rules in Python: sekisho/verify/uri.py.

-- RFC 3986 section 6.2.2.2: percent-encoded unreserved characters are decoded, nothing else is.
local function decode_unreserved(path)
  return (path:gsub("%%(%x%x)", function(hex)
    local character = string.char(tonumber(hex, 16))
    return character:find("^[A-Za-z0-9._~-]$") and character or nil
  end))
end

-- RFC 3986 section 5.2.4, on a path that starts with a slash.
local function remove_dot_segments(path)
  local kept, last = {}, nil
  for segment in path:gmatch("/([^/]*)") do
    last = segment
    if segment == ".." then
      kept[#kept] = nil
    elseif segment ~= "." then
      kept[#kept + 1] = segment
    end
  end
  if last == "." or last == ".." then
    kept[#kept + 1] = ""
  end
  return "/" .. table.concat(kept, "/")
end

local function normalize(target)
  local path, query = target:match("^(/[^?]*)(.*)$")
  if not path then
    return target
  end
  return remove_dot_segments(decode_unreserved(path)) .. query
end

local function apply(handle)
  local target = handle:headers():get(":path")
  handle:streamInfo():dynamicMetadata():set("sekisho.path", "original", target)
  handle:headers():replace(":path", normalize(target))
  handle:clearRouteCache()
end

function envoy_on_request(handle)
  -- An error in a script lets the request pass in Envoy, with the route that was chosen before: this one answers 400.
  pcall(apply, handle)
end
