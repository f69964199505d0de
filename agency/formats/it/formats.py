"""Italian, with Lei or without."""

DATE_FORMAT = "j b Y"
DATETIME_FORMAT = "j b Y, G:i"
