"""Words of the packages we use that stand on our pages, where their own Italian is missing or reads badly.

Said here so that they are in our catalogue, which comes before the packages' own.
"""

from django.utils.translation import gettext_noop, ngettext_lazy

WORDS = [
    # django-unfold, which has no Italian
    gettext_noop("Apply Filters"),
    gettext_noop("Clear all filters"),
    gettext_noop("Dark"),
    gettext_noop("False"),
    gettext_noop("Hide counts"),
    gettext_noop("Light"),
    gettext_noop("Loading more results..."),
    gettext_noop("No results found"),
    gettext_noop("Reset filters"),
    gettext_noop("Show counts"),
    gettext_noop("System"),
    gettext_noop("Toggle password visibility"),
    gettext_noop("True"),
    gettext_noop("Type to search"),
    # Django
    gettext_noop("Log out"),
    gettext_noop("Select %s to view"),
    # Django too: it says tu, and clients' people with whom one says Lei read it
    ngettext_lazy(
        "Your password must contain at least %(min_length)d character.",
        "Your password must contain at least %(min_length)d characters.",
        "min_length",
    ),
    gettext_noop("Your password can’t be too similar to your other personal information."),
    gettext_noop("Your password can’t be a commonly used password."),
    gettext_noop("Your password can’t be entirely numeric."),
]
