-- Where a request carries its token.

local function read_source(handle, guard)
  if guard.source == "query" then
    local query = handle:headers():get(":path"):match("%?(.*)$")
    return read_parameter(query or "", guard.source_name) -- HTTP-JWT-05: so do several values of a parameter
  end
  return handle:headers():get(guard.source_name) -- HTTP-JWT-04: several values come joined by commas
end
