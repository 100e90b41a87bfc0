"""XML that anyone may have written."""

from __future__ import annotations

import time

import pytest

from topwork.data.boxes.safe_xml import MAX_BYTES, parse_xml


def test_elements_and_their_texts():
    top = parse_xml(b"<?xml version='1.0'?><a x='1'> <b>1</b><b>2 &lt; 3</b><!-- c --><c/></a>")
    assert top.name == "a"
    assert [b.text for b in top.all("b")] == ["1", "2 < 3"]
    assert top.value("b") == "1"
    assert top.value("c") == top.value("d") == ""
    assert top.first("d") is None


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("<a><b>ä</b></a>".encode("cp1252"), "ä"),
        ("\ufeff<a><b>ä</b></a>".encode(), "ä"),
        ("\ufeff<a><b>ä</b></a>".encode("utf-16-le"), "ä"),
        ('<?xml version="1.0" encoding="latin-1"?><a><b>ä</b></a>'.encode("latin-1"), "ä"),
        ("<a><b>手</b></a>".encode(), "手"),
    ],
)
def test_encodings(data, text):
    assert parse_xml(data).value("b") == text


BOMB = "<!DOCTYPE a [<!ENTITY x0 'xxxxxxxxxx'>{}]><a>&x9;</a>".format(
    "".join(f"<!ENTITY x{i} '{f'&x{i - 1};' * 10}'>" for i in range(1, 10))
)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (BOMB.encode(), "document type"),
        (b'<!DOCTYPE a SYSTEM "http://127.0.0.1/a.dtd"><a/>', "document type"),
        (b'<!DOCTYPE a [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]><a/>', "document type"),
        (b"<a>" * 100_000, "deep"),
        (b"<a>" + b" " * MAX_BYTES, "8 MB"),
        (b"", "not XML"),
        (b"\xff\xfe\x00", "not XML"),
        (b"<a><b></a>", "not XML"),
        (b"<a>&undefined;</a>", "not XML"),
        (b"\x89PNG\r\n\x1a\n\0\0", "not XML"),
        (b'<?xml version="1.0" encoding="no-such"?><a/>', "encoding|not XML"),
        (b'<?xml version="1.0" encoding="utf-7"?><a/>', "encoding|not XML"),
        ('<?xml version="1.0" encoding="gb2312"?><a>手</a>'.encode("gb2312"), "encoding|not XML"),
    ],
)
def test_anything_else_is_refused(data, why):
    with pytest.raises(ValueError, match=why):
        parse_xml(data)


def test_many_small_elements_take_no_more_than_their_share_of_time():
    data = b"<a>" + b"x<b/>" * 200_000 + b"</a>"
    begun = time.monotonic()
    assert len(parse_xml(data).text) == 200_000
    assert time.monotonic() - begun < 10
