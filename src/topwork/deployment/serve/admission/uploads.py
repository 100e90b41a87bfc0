"""The items in the body of a request."""

from __future__ import annotations

from collections.abc import Callable
from email.message import Message
from http import HTTPStatus
from typing import Any

from topwork.data import FORMATS, MAX_CHARACTERS, Content, Item, sniff
from topwork.data.images.image_size import image_size
from topwork.deployment.serve.limits import Limits
from topwork.deployment.serve.refused import Refused
from topwork.errors import BadItem

_LONGEST_NAME = 200


def items_of(body: bytes, content_type: str, *, inline: bool, limits: Limits) -> list[Item]:
    """One item, or with ``multipart/form-data`` one per part.

    Parameters
    ----------
    content_type
        The header, empty where there was none.
    inline
        Whether items are texts.

    Raises
    ------
    Refused
        There is none, there are too many, or one is too large to be decoded.
    """
    message = Message()
    message["Content-Type"] = content_type or "application/octet-stream"
    if message.get_content_maintype() == "multipart":
        boundary = message.get_param("boundary")
        parts = _parts(body, boundary if isinstance(boundary, str) else "", limits)
    else:
        parts = [("body", body)]
    if not parts or not any(data for _, data in parts):
        raise _bad("empty", "The request has no item.", "Send an image or a text as its body.")
    make = text_item if inline else image_item
    return [make(name, data, limits) for name, data in parts]


def text_item(name: str, data: bytes, limits: Limits) -> Item:  # noqa: ARG001  as of images
    """A text in UTF-8.

    Raises
    ------
    Refused
        It isn't, or it is too long.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _bad("not_utf8", "A text is not in UTF-8.", "Send it in UTF-8.") from error
    if len(text) > MAX_CHARACTERS:
        raise Refused(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            "too_large",
            f"A text has more than {MAX_CHARACTERS:,} characters.",
            "Send a part of it.",
        )
    return Item(name, value=text)


def image_item(name: str, data: bytes, limits: Limits) -> Item:
    """An image, of which the header alone is looked at. What is none is rejected later.

    Raises
    ------
    Refused
        It has too many pixels, or is of a format that isn't served.
    """
    try:
        known = sniff(data)
        if known not in FORMATS:
            raise _bad(
                "unsupported_format",
                f"Files of {known} are not taken over the network.",
                f"Send one of {', '.join(FORMATS)}.",
            )
        width, height = image_size(Content(b"", data))
    except BadItem as bad:
        if bad.reason == "too_many_pixels":
            raise _too_many_pixels(limits) from bad
        return Item(name, value=data)
    if width * height > limits.pixels:
        raise _too_many_pixels(limits)
    return Item(name, value=data)


def too_many_items(most: int) -> Refused:
    """More than a request may hold."""
    return Refused(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "too_many_items",
        f"The request has more than {most} {'item' if most == 1 else 'items'}.",
        "Divide them among several requests.",
    )


def _too_many_pixels(limits: Limits) -> Refused:
    return Refused(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "too_many_pixels",
        f"An image has more than {limits.pixels / 1e6:g} megapixels.",
        "Send it smaller.",
    )


def _bad(code: str, message: str, remedy: str) -> Refused:
    return Refused(HTTPStatus.UNPROCESSABLE_ENTITY, code, message, remedy)


def _parts(body: bytes, boundary: str, limits: Limits) -> list[tuple[str, bytes]]:
    """Names and contents of the parts of a form."""
    from python_multipart import MultipartParser
    from python_multipart.exceptions import MultipartParseError

    form = _Form(limits)
    try:
        parser = MultipartParser(boundary.encode("latin-1"), form.callbacks)
        parser.write(body)
        parser.finalize()
    except (MultipartParseError, UnicodeEncodeError, ValueError) as error:
        raise _broken() from error
    if not form.complete:
        raise _broken()
    return form.parts


def _broken() -> Refused:
    return Refused(
        HTTPStatus.BAD_REQUEST,
        "bad_multipart",
        "The body is no form of several parts.",
        "Send multipart/form-data with a file in each part.",
    )


class _Form:
    """Gathers the parts that a parser finds."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.parts: list[tuple[str, bytes]] = []
        self.complete = False
        self._name = self._value = b""
        self._headers: dict[str, str] = {}
        self._data: list[bytes] = []

    @property
    def callbacks(self) -> Any:
        data: dict[str, Callable[..., None]] = {
            "on_part_begin": self._begin,
            "on_header_field": self._on_name,
            "on_header_value": self._on_value,
            "on_header_end": self._header,
            "on_part_data": self._on_data,
            "on_part_end": self._end,
            "on_end": self._finish,
        }
        return data

    def _begin(self) -> None:
        if len(self.parts) == self._limits.items:
            raise too_many_items(self._limits.items)
        self._headers, self._data = {}, []

    def _on_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _on_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header(self) -> None:
        name, value = self._name.decode("latin-1").lower(), self._value
        self._headers[name] = value.decode("utf-8", "replace")
        self._name = self._value = b""

    def _on_data(self, data: bytes, start: int, end: int) -> None:
        self._data.append(data[start:end])

    def _end(self) -> None:
        self.parts.append((self._part_name(), b"".join(self._data)))

    def _finish(self) -> None:
        self.complete = True

    def _part_name(self) -> str:
        message = Message()
        disposition = self._headers.get("content-disposition", "").replace("\r", "").split("\n")[0]
        message["Content-Disposition"] = disposition
        for parameter in ("filename", "name"):
            found = message.get_param(parameter, header="content-disposition")
            if isinstance(found, str) and found:
                return "".join(c if c.isprintable() else "?" for c in found)[:_LONGEST_NAME]
        return f"part {len(self.parts) + 1}"
