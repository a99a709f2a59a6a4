"""Ours against the provider's own library."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from multidict import MultiDict
from twilio.request_validator import RequestValidator

from voice.telephony.signatures import sign, valid

_tokens = st.text(st.characters(codec="ascii", min_codepoint=33), min_size=1, max_size=32)
_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_forms = st.lists(st.tuples(_texts, _texts), max_size=8)
_paths = st.text("abcXYZ019-._~%/?=&+", max_size=20).map(lambda path: "/" + path)
_hosts = st.sampled_from(["voice.example.com", "10.0.0.7", "localhost"])
_ports = st.sampled_from(["", ":443", ":80", ":8080"])
_urls = st.builds(
    lambda scheme, host, port, path: f"{scheme}://{host}{port}{path}",
    st.sampled_from(["https", "http", "wss", "ws"]),
    _hosts,
    _ports,
    _paths,
)


def test_a_known_signature() -> None:
    # the example of the provider's security page
    form = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+14158675309",
        "Digits": "1234",
        "From": "+14158675309",
        "To": "+18005551212",
    }
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    assert sign("12345", url, form.items()) == RequestValidator("12345").compute_signature(url, form)


@settings(max_examples=100, deadline=None)
@given(token=_tokens, url=_urls, form=_forms)
def test_signing_is_what_the_provider_does(token: str, url: str, form: list[tuple[str, str]]) -> None:
    assert sign(token, url, form) == RequestValidator(token).compute_signature(url, MultiDict(form))


@settings(max_examples=100, deadline=None)
@given(token=_tokens, url=_urls, signed_url=_urls, form=_forms, same=st.booleans())
def test_what_the_provider_accepts_we_accept(
    token: str, url: str, signed_url: str, form: list[tuple[str, str]], same: bool
) -> None:
    theirs = RequestValidator(token)
    signature = theirs.compute_signature(url if same else signed_url, MultiDict(form))
    if theirs.validate(url, MultiDict(form), signature):
        assert valid(token, url, signature, form)
    elif not url.startswith("wss:"):
        # wss with 443 and a URL as it stands, odd or not, are all that we accept beyond it
        assert not valid(token, url, signature, form) or url == signed_url or same


@pytest.mark.parametrize("scheme", ["https", "wss", "http", "ws"])
@pytest.mark.parametrize("signed_port", ["", ":443", ":80", ":8443"])
@pytest.mark.parametrize("port", ["", ":443", ":80", ":8443"])
def test_ports(scheme: str, signed_port: str, port: str) -> None:
    signature = sign("t", f"{scheme}://h.example{signed_port}/a")
    ours = valid("t", f"{scheme}://h.example{port}/a", signature)
    theirs = RequestValidator("t").validate(f"{scheme}://h.example{port}/a", {}, signature)
    assert theirs <= ours, "whatever the provider's library takes, we take"
    if ours and not theirs:
        assert (scheme, port, signed_port) == ("wss", "", ":443")


@settings(max_examples=100, deadline=None)
@given(token=_tokens, url=_urls, form=_forms, other=_texts)
def test_anything_else_is_refused(token: str, url: str, form: list[tuple[str, str]], other: str) -> None:
    good = sign(token, url, form)
    assert valid(token, url, good, form)
    assert valid(token, url, good, list(reversed(form)))
    assert not valid(token + "x", url, good, form)
    assert not valid(token, url + "x", good, form)
    assert not valid(token, url, good, [*form, ("new", other)])
    assert not valid(token, url, good[:-1], form)
    assert other == good or not valid(token, url, other, form)


@pytest.mark.parametrize("url", ["http://[::1]:8080/a", "http://[::1", "http://h:99999/", "nonsense", ""])
def test_odd_urls_are_signed_as_they_are(url: str) -> None:
    assert valid("t", url, sign("t", url))
    assert not valid("t", url, "")


def test_no_token_opens_nothing() -> None:
    assert not valid("", "https://h.example/", sign("", "https://h.example/"))
    assert not valid("t", "https://h.example/", "\udcff")
