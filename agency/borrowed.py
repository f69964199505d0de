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
    # Django REST framework
    gettext_noop("Ensure this field has at least {min_length} elements."),
    gettext_noop("Ensure this field has no more than {max_length} elements."),
    gettext_noop("Expected available in {wait} second."),
    gettext_noop("Expected available in {wait} seconds."),
    gettext_noop("Invalid input."),
    gettext_noop('Method "{method}" not allowed.'),
    gettext_noop("Must be a valid boolean."),
    gettext_noop("Not a valid string."),
    gettext_noop("Surrogate characters are not allowed: U+{code_point:X}."),
    gettext_noop("This dictionary may not be empty."),
    gettext_noop('Unsupported media type "{media_type}" in request.'),
]
