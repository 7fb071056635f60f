-- Refuses a request whose protocol the target group of its route does not speak: HTTP 464 on
-- https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html
-- The line above this one sets PAGES.

function envoy_on_request(handle)
  -- A request whose path was normalized meets this filter on every route.
  if handle:filterContext():get("http2") and handle:streamInfo():protocol() ~= "HTTP/2" then
    handle:respond({[":status"] = "464"}, PAGES[464])
  end
end
