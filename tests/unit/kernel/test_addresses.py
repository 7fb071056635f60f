"""Where addresses and host names lead."""

import pytest

from sekisho.kernel.addresses import is_address, is_localhost, is_loopback


@pytest.mark.parametrize("host", ["localhost", "LocalHost", "localhost.", "idp.localhost", "a.b.localhost."])
def test_names_that_mean_this_machine(host: str) -> None:
    assert is_localhost(host)
    assert is_loopback(host)
    assert not is_address(host)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1"])
def test_addresses_of_this_machine(host: str) -> None:
    assert is_loopback(host)
    assert is_address(host)
    assert not is_localhost(host)


@pytest.mark.parametrize(
    "host", ["", "example.com", "localhost.example.com", "notlocalhost", "10.0.0.1", "0.0.0.0"]
)
def test_what_leads_elsewhere(host: str) -> None:
    assert not is_loopback(host)
