"""Which detections of successive frames are one object, and what such objects do."""
