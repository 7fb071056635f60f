-- Puts in force what the filter before this one has rewritten (host, url), and refuses what is no request any more.
-- The log reads what the client had sent from sekisho.path, as it does for a path that was normalized.
-- The line above this one sets PAGES.

local function apply(handle)
  local context = handle:filterContext()
  -- A request whose path was normalized meets this filter on every route.
  local rewrites_host, rewrites_url = context:get("host"), context:get("url")
  if not (rewrites_host or rewrites_url) then
    return true
  end
  local metadata = handle:streamInfo():dynamicMetadata()
  local rewritten = metadata:get("sekisho.rewrite") or {}
  local headers = handle:headers()
  if rewrites_url then
    -- Nothing is there when the result is empty or longer than Envoy rewrites (8 KB).
    -- EDGE-10
    if not rewritten.url or not string.find(rewritten.url, "^/[!-~]*$") then
      return false
    end
    metadata:set("sekisho.path", "original", headers:get(":path"))
    headers:replace(":path", rewritten.url)
  end
  if rewrites_host then
    if not rewritten.host or not string.find(rewritten.host, "^[%w%-%._]+:?%d*$") then
      return false
    end
    metadata:set("sekisho.path", "host", headers:get(":authority"))
    headers:replace(":authority", rewritten.host)
  end
  return true
end

function envoy_on_request(handle)
  -- An error in a script lets the request pass in Envoy; here it must not pass unchanged.
  local ran, applied = pcall(apply, handle)
  if not (ran and applied) then
    handle:respond({[":status"] = "500"}, PAGES[500])
  end
end
