"""Dates and times where a whole sentence has no room: Django’s own Italian writes “Giovedì 05 Novembre 2026 09:16”, its English “06/01/2026”."""
