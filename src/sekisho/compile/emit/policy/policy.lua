-- Decides every guarded request. The rules are those of sekisho/verify (alb.py, http_api.py, token.py); their ids
-- stand where they decide, and tests/conformance holds the two equal.
--
-- A route's policy comes with the route (LuaPerRoute.filter_context): `id`, which names everything that a decision
-- depends on but the request and the time, and `policy`. Envoy's jwt_authn has run before and left a proof when it
-- verified the signature with a key of the policy's key set; nothing it says about claims is used.

local JWT_AUTHN = "envoy.filters.http.jwt_authn"

-- Returns the guard, the refusal or nil, and the record.
local function decide(handle)
  local context = handle:filterContext()
  local id = context:get("id")
  local guard = find_guard(context, id)
  local metadata = handle:streamInfo():dynamicMetadata()
  local proofs = metadata:get(JWT_AUTHN)
  -- A key may have been withdrawn: a token that was allowed before needs its proof again.
  local verified = proofs ~= nil and proofs[guard.proof] ~= nil
  local value, now = read_source(handle, guard), handle:timestamp()
  local allowed = verified and find_allowed(guard, value, now)
  if allowed then
    metadata:set("sekisho", "decision", allowed.record)
    return guard, nil, allowed.record
  end
  local refused, token = guard.behaviour.decide(guard, value, verified, now)
  local record = write_record(id, refused, token, verified)
  if not refused then
    remember_allowed(guard, value, token, record)
  end
  metadata:set("sekisho", "decision", record)
  return guard, refused, record
end

function envoy_on_request(handle)
  -- Envoy lets a request pass when a script fails, so every failure ends here in a refusal (ALB-JWT-10).
  local ok, guard, refused, record = pcall(decide, handle)
  if not ok then
    handle:logErr("policy: " .. tostring(guard))
    guard, refused = { behaviour = EDGES["alb"] }, ALB.internal
  end
  if PROBE and record and handle:headers():get(PROBE) then
    -- `explain` asks for the decision itself; nobody else knows the header's name, and nothing reaches the target.
    handle:respond({ [":status"] = "200", ["content-type"] = "application/json" }, record)
  elseif refused then
    guard.behaviour.answer(handle, refused, guard)
  end
end
