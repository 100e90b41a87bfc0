"""Why an item is rejected: every code that `topwork.errors.BadItem` carries, in one list."""

from __future__ import annotations

from typing import Final

REASONS: Final[dict[str, str]] = {
    "missing": "There is no such file, or the link to it is broken.",
    "not_a_file": "It is a folder, a pipe, a socket or a device; those are never opened.",
    "unreadable": "The system refuses to read it: permissions, a loop of links or a failing disk.",
    "empty": "The file has no bytes.",
    "too_large": "The file has more than 100 MB (TOPWORK_MAX_BYTES); it was not opened.",
    "too_many_pixels": "Its header says more than 200 megapixels (TOPWORK_MAX_PIXELS); it was "
    "not decoded.",
    "not_an_image": "Its content is not an image, whatever its name says.",
    "unsupported_format": "It is an image of a format that topwork does not read.",
    "truncated": "The file ends before the image does.",
    "corrupt": "The file's content contradicts itself and cannot be decoded.",
    "too_costly": "Decoding it takes more time or memory than a server gives to one image.",
    "no_pixels": "It is a DICOM object without an image, such as a report or a plan.",
    "needs_decoder": "Its pixels are compressed in a way for which there is no decoder.",
    "missing_extra": "It is a medical image, and topwork[medical] is not installed.",
    "no_text": "There is no text, or nothing but blanks.",
    "bad_row": "The row of the table has too few or too many fields, or cannot be taken apart.",
    "not_utf8": "The text is not in UTF-8, or holds half a character.",
    "nul": "The text holds a zero character, which no text does; it may be in UTF-16.",
    "too_long": "The text has more than 131,072 characters.",
    "not_a_text": "It is no text.",
    "bad_array": "The array has a shape, a type or values that no image has.",
}
