-- The guards that are known, and what each has allowed.

local REMEMBERED_BYTES = 8 * 1024 * 1024

-- Guards by the id of their policy, each with the header values that it allowed: value -> when that ends, and the
-- record. What was not asked for in one generation is forgotten in the next, so the memory has a bound.
local young, old, young_bytes = {}, {}, 0

local function remember(bytes)
  young_bytes = young_bytes + bytes
  if young_bytes > REMEMBERED_BYTES then
    young, old, young_bytes = {}, young, 0
  end
end

local function find_guard(context, id)
  local guard = young[id]
  if not guard then
    guard = make_guard(context:get("policy"))
    guard.older = old[id] and old[id].tokens or {}
    young[id] = guard
    remember(1024)
  end
  return guard
end

local function find_allowed(guard, value, now)
  local allowed = guard.tokens[value]
  if not allowed then
    allowed = guard.older[value]
    if allowed then
      guard.tokens[value] = allowed
      remember(#value + #allowed.record + 128)
    end
  end
  return allowed and now < allowed.ends and allowed or nil
end

local function remember_allowed(guard, value, token, record)
  guard.tokens[value] = { ends = token.payload.exp * 1000 + guard.leeway, record = record }
  remember(#value + #record + 128)
end
