-- A guard: a policy as it comes with a route, made ready to decide.

local function set_of(list)
  local set = {}
  for _, value in ipairs(list) do
    set[value] = true
  end
  return set
end

local EDGES = {
  ["alb"] = { decide = decide_alb, answer = answer_alb },
  ["http-api"] = { decide = decide_http_api, answer = answer_http_api },
}

local function make_guard(guard)
  guard.behaviour = assert(EDGES[guard.edge])
  guard.tokens = {}
  for _, claim in ipairs(guard.claims or {}) do
    claim.wanted = set_of(claim.values)
    assert(CLAIM_FORMATS[claim.format])
  end
  guard.wanted_audiences = set_of(guard.audiences or {})
  guard.wanted_scopes = set_of(guard.scopes or {})
  -- What a header may hold: a quote or a control character would break out of the parameter.
  guard.scope_text = table.concat(guard.scopes or {}, " "):gsub("[^ -~]", ""):gsub('["\\]', "")
  return guard
end
