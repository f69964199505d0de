"""The further posts of a thread in the composer's form: how their fields are called, and adding and taking out.

Several threads may stand in one form: the post's own, and those of channels that have one of their own. ``suffix`` tells
them apart: empty, or ``_PK`` of the channel. Posts are numbered from 1, the one below the first.
"""

from django.http import QueryDict

from social.services.content_rows import MOST_PARTS

ADD, DROP = "add_part", "drop_part"


def count_name(suffix: str) -> str:
    """The field that says how many there are."""
    return f"parts{suffix}"


def text_name(suffix: str, number: int) -> str:
    """The field of a text."""
    return f"part{suffix}_{number}"


def media_name(suffix: str, number: int) -> str:
    """The field of its pictures."""
    return f"media_part{suffix}_{number}"


def add(suffix: str) -> str:
    """What the button sends that adds one."""
    return f"{ADD}|{suffix}"


def drop(suffix: str, number: int) -> str:
    """What the button sends that takes one out."""
    return f"{DROP}|{suffix}|{number}"


def texts_in(data: QueryDict, suffix: str) -> list[str]:
    """The texts that were sent."""
    return [data.get(text_name(suffix, number), "") for number in range(1, _count(data, suffix) + 1)]


def _count(data: QueryDict, suffix: str) -> int:
    sent = data.get(count_name(suffix), "")
    return min(int(sent), MOST_PARTS) if sent.isascii() and sent.isdigit() and len(sent) < 4 else 0  # noqa: PLR2004


def rearrange(data: QueryDict, do: str) -> bool:
    """Do to what was sent what the button says; whether it was one of these buttons."""
    verb, _bar, rest = do.partition("|")
    suffix, _bar, number = rest.partition("|")
    if verb == ADD:
        data[count_name(suffix)] = str(min(_count(data, suffix) + 1, MOST_PARTS))
        if suffix:
            data[f"own_parts{suffix}"] = "on"
    elif verb == DROP and number.isdecimal():
        _drop(data, suffix, int(number))
    return verb in {ADD, DROP}


def _drop(data: QueryDict, suffix: str, number: int) -> None:
    count = _count(data, suffix)
    if not 1 <= number <= count:
        return
    for place in range(number, count):
        _move(data, suffix, place + 1, place)
    data[count_name(suffix)] = str(count - 1)
    _clear(data, suffix, count)


def _move(data: QueryDict, suffix: str, old: int, new: int) -> None:
    _clear(data, suffix, new)
    data[text_name(suffix, new)] = data.get(text_name(suffix, old), "")
    name = media_name(suffix, old)
    for key in [key for key in data if key == name or key.startswith(f"{name}_place_")]:
        data.setlist(media_name(suffix, new) + key[len(name) :], data.getlist(key))


def _clear(data: QueryDict, suffix: str, number: int) -> None:
    name = media_name(suffix, number)
    for key in [key for key in data if key == name or key.startswith(f"{name}_place_")]:
        del data[key]
    data.pop(text_name(suffix, number), None)
