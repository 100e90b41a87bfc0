"""The sets of sample data, by name: what each is, and who writes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

Writer = Callable[[Path, int], None]


@dataclass(frozen=True, slots=True)
class SampleSet:
    """One set of sample data.

    Parameters
    ----------
    what
        What is in it, in one line.
    writer
        The function that writes it, as ``module:name`` in this folder.
    then
        The command to try on it; ``{}`` stands for where it is.
    """

    what: str
    writer: str
    then: str

    def write(self, folder: Path, seed: int) -> None:
        """Write it into a folder, the same for the same seed."""
        from importlib import import_module

        module, _, name = self.writer.partition(":")
        write: Writer = getattr(import_module(f"topwork.cli.samples.{module}"), name)
        write(folder, seed)


SAMPLE_SETS: Final[Mapping[str, SampleSet]] = {
    "surfaces": SampleSet(
        "patches of nine photographs in class folders, train and test",
        "surfaces:write_surfaces",
        "topwork fit {}",
    ),
    "camera": SampleSet(
        "other patches of the surfaces, of a darker, bluish and blurred camera, without labels",
        "surfaces:write_other_camera",
        "topwork adapt surfaces.topwork {}",
    ),
    "mosaics": SampleSet(
        "images of two to four surfaces each: labels.csv has all of their labels, and a share",
        "surfaces:write_mosaics",
        "topwork fit {}/labels.csv",
    ),
    "cards": SampleSet(
        "images of coins and stamps on a table, with their boxes (COCO)",
        "objects:write_cards",
        "topwork fit {}",
    ),
    "frames": SampleSet(
        "forty frames in which a coin and a stamp pass each other",
        "objects:write_frames",
        "topwork predict cards.topwork {} --draw found",
    ),
    "parts": SampleSet(
        "good metal plates, and plates with scratches and stains to test on",
        "parts:write_parts",
        "topwork fit {} --task one-class",
    ),
    "slices": SampleSet(
        "drawn CT slices of 24 patients with and without a nodule, as DICOM files",
        "slices:write_slices",
        "topwork fit {}",
    ),
    "tickets": SampleSet(
        "texts of customers with one of six intents: train.csv, test.csv, and raw.txt without any",
        "texts:write_tickets",
        "topwork fit {}/train.csv",
    ),
    "customers": SampleSet(
        "a table of 400 customers of a shop, with a column that says who left",
        "customers:write_customers",
        "topwork cluster {}/customers.csv",
    ),
}
