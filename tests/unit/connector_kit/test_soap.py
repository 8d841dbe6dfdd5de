from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxpoynt.connector_kit.soap import read_soap
from taxpoynt.errors import BadInput

OUTBOUND = "http://soap.sforce.com/2005/09/outbound"
RECORD = "urn:sobject.enterprise.soap.sforce.com"


def message(inside: str, *, before: str = "", root: str = f'notifications xmlns="{OUTBOUND}"') -> bytes:
    end = root.partition(" ")[0]
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{before}'
        '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<e:Body><{root}>{inside}</{end}></e:Body></e:Envelope>"
    ).encode()


NOTE = (
    "<Notification><Id>04l1</Id>"
    f'<sObject xsi:type="sf:Opportunity" xmlns:sf="{RECORD}"><sf:Id>0061</sf:Id><sf:IsWon>true</sf:IsWon>'
    "<sf:Name>A &amp; B &#8358;</sf:Name></sObject></Notification>"
)


def read(body: bytes) -> dict[str, Any]:
    return read_soap(body, root="notifications", namespaces=(OUTBOUND, RECORD), lists=("Notification",))


def test_an_outbound_message_reads_as_plain_data() -> None:
    assert read(message(f'<OrganizationId>00D1</OrganizationId><SessionId xsi:nil="true"/>{NOTE}')) == {
        "OrganizationId": "00D1",
        "SessionId": None,
        "Notification": [
            {"Id": "04l1", "sObject": {"@type": "Opportunity", "Id": "0061", "IsWon": "true", "Name": "A & B ₦"}}
        ],
    }


def test_several_notifications_are_a_list_in_their_order_and_one_is_a_list_too() -> None:
    two = read(message(NOTE + NOTE.replace("04l1", "04l2")))
    assert [one["Id"] for one in two["Notification"]] == ["04l1", "04l2"]
    assert len(read(message(NOTE))["Notification"]) == 1


def test_prefixes_say_nothing_and_namespaces_everything() -> None:
    other = message(NOTE.replace("sf:", "whatever:").replace("xmlns:sf", "xmlns:whatever"))
    assert read(other) == read(message(NOTE))
    stranger = (
        f'<sf:Id xmlns:sf="urn:somebody.else">evil</sf:Id><OrganizationId xmlns="urn:x">evil</OrganizationId>{NOTE}'
    )
    assert read(message(stranger)) == read(message(NOTE))
    with pytest.raises(BadInput):
        read(message(NOTE, root='notifications xmlns="urn:somebody.else"'))


def test_a_byte_order_mark_is_tolerated() -> None:
    assert read(b"\xef\xbb\xbf" + message(NOTE)) == read(message(NOTE))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"<a/>",
        message(NOTE)[:-9],
        message(NOTE, before='<!DOCTYPE x SYSTEM "http://evil.example/x.dtd">'),
        message(NOTE, before='<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'),
        message(
            "<OrganizationId>&b;</OrganizationId>", before='<!DOCTYPE x [<!ENTITY b SYSTEM "file:///etc/passwd">]>'
        ),
        message(NOTE, before='<?xml-stylesheet href="http://evil.example"?>'),
        message("<OrganizationId>&nbsp;</OrganizationId>"),
        message("<a>" * 40 + "</a>" * 40),
        message("<a/>" * 60_000),
        message(NOTE).decode().encode("utf-16"),
        message(NOTE).replace(b"<Id>04l1", b"<Id>\xff\xfe"),
        message(NOTE) + b"<x/>",
        b'<notifications xmlns="http://soap.sforce.com/2005/09/outbound"><Notification/></notifications>',
        message(f'</notifications><notifications xmlns="{OUTBOUND}">'),
    ],
    ids=range(16),
)
def test_what_is_no_such_message_or_is_dangerous_is_bad_input(body: bytes) -> None:
    with pytest.raises(BadInput):
        read(body)


PIECES = st.sampled_from(
    [
        b"<", b">", b"/", b"&amp;", b"<!DOCTYPE a [", b"<!ENTITY a 'b'>", b"&a;", b"]>", b"<Notification>",
        b"</Notification>", b"<Id>", b"</Id>", b"04l1", b"<![CDATA[", b"]]>", b"xmlns='", b"'", b"\x00", b"\xff",
        b"<?x ?>",
    ]
)  # fmt: skip


@given(st.lists(PIECES, max_size=30) | st.binary(max_size=200).map(lambda raw: [raw]))
def test_any_bytes_end_in_data_or_bad_input(pieces: list[bytes]) -> None:
    start, end = message("@").split(b"@")
    for body in (b"".join(pieces), start + b"".join(pieces) + end):
        with suppress(BadInput):
            assert isinstance(read(body), dict)
