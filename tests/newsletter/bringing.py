"""Files of addresses, and their way onto a list."""

from newsletter.models import ListImport, MailingList, RefusedLine
from newsletter.services import importing
from tests.world import World

HEAD = "email;nome;lingua;data consenso;consenso\n"
GOOD = "rosa@example.org;Rosa;it;31/05/2024;Mandatemi la lettera.\n"


def begin(world: World, found: MailingList, text: str | bytes) -> ListImport:
    """The file, kept to be looked at."""
    raw = text if isinstance(text, bytes) else text.encode()
    return importing.begin_import(user=world.marta, mailing_list=found, name="iscritti.csv", raw=raw)


def bring(world: World, found: MailingList, text: str | bytes) -> ListImport:
    """The file, taken in to its end."""
    made = importing.start_import(user=world.marta, found=begin(world, found, text))
    while not importing.go_on(import_id=made.pk):
        pass
    made.refresh_from_db()
    return made


def refused(found: ListImport) -> list[tuple[int, str, str]]:
    """Which lines were not taken, and why."""
    return list(RefusedLine.objects.filter(list_import=found).order_by("line").values_list("line", "email", "why"))


def many(number: int) -> str:
    """A file of so many good lines."""
    return HEAD + "".join(f"r{at}@example.org;R;it;2024-05-31;Sì.\n" for at in range(number))
