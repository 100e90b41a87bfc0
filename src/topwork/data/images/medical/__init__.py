"""DICOM and NIfTI files: what they say of themselves, and their pixels as 8-bit RGB."""
