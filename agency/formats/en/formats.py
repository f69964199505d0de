"""English, as it is read on both sides of an ocean: whoever reads 06/01 takes it for a day in January or one in June."""

SHORT_DATE_FORMAT = "j M Y"
