"""Changes reach open connections without closing them, and each request is logged to the control plane."""

import asyncio
import threading

from sekisho.model.ir import (
    AlbGuard,
    Edge,
    FixedResponse,
    Flavour,
    KeySet,
    KeySetState,
    Listener,
    Match,
    Pattern,
    Route,
    Upstream,
)

from .harness import Lab, Publish, echo, forward_to, route


def test_rules_targets_and_guards_change_under_an_open_connection(lab: Lab) -> None:
    port = lab.free_port()
    one = Upstream("group", "arn:group", (lab.target(echo),))
    none = Upstream("group", "arn:group", ())
    keys = KeySet("keys", "https://issuer.test/jwks", KeySetState.REFUSED)

    def publish(rule: Route, upstream: Upstream) -> None:
        listener = Listener("one", "arn:one", Flavour.ALB, port, 80, (rule,))
        lab.publish(Edge((listener,), (upstream,), (keys,)))

    async def one_connection() -> list[bytes]:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        lines = []
        for rule, upstream in (
            (route(FixedResponse(204)), one),
            (route(forward_to(one)), one),
            (route(forward_to(one)), none),
            (route(forward_to(one), guard=AlbGuard("issuer", "keys")), one),
            (route(FixedResponse(418)), one),
        ):
            await asyncio.to_thread(publish_here, rule, upstream)
            writer.write(b"GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer a.b.c\r\n\r\n")
            head = await reader.readuntil(b"\r\n\r\n")
            lines.append(head.split(b"\r\n")[0])
            assert b"close" not in head
            for line in head.split(b"\r\n"):
                if line.lower().startswith(b"content-length: "):
                    await reader.readexactly(int(line.split()[1]))
        writer.close()
        return lines

    def publish_here(rule: Route, upstream: Upstream) -> None:
        publish(rule, upstream)

    publish(route(FixedResponse(204)), one)
    lines = asyncio.run(one_connection())
    assert [line.split()[1] for line in lines] == [b"204", b"200", b"503", b"401", b"418"]


def test_every_request_is_logged(
    lab: Lab, publish: Publish, echoing: Upstream, log_arrived: threading.Condition
) -> None:
    port = publish(
        route(FixedResponse(404), Match(path=(Pattern("/fixed"),)), "arn:rule"),
        route(forward_to(echoing), name="arn:default"),
        upstreams=(echoing,),
    )
    lab.get(port, "/fixed")
    lab.get(port, "/forwarded", "Authorization: Bearer secret")

    def entries() -> dict[str, object]:
        found = {}
        for message in lab.logged:
            for entry in message.http_logs.log_entry:
                found[entry.request.path] = entry
        return found

    with log_arrived:
        assert log_arrived.wait_for(lambda: {"/fixed", "/forwarded"} <= entries().keys(), 10)
    names = [m.identifier.log_name for m in lab.logged if m.HasField("identifier")]
    assert "arn:listener" in names
    fixed, forwarded = entries()["/fixed"], entries()["/forwarded"]
    assert fixed.common_properties.route_name == "arn:rule"  # type: ignore[attr-defined]
    assert fixed.response.response_code_details == "direct_response"  # type: ignore[attr-defined]
    assert forwarded.common_properties.upstream_cluster == "echo"  # type: ignore[attr-defined]
    assert forwarded.request.request_headers["x-amzn-trace-id"].startswith("Root=1-")  # type: ignore[attr-defined]
    assert "secret" not in str(forwarded)
