"""How long something takes to compute."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import process_time


@contextmanager
def computing() -> Iterator[Callable[[], float]]:
    """Gives how many seconds of the processor have gone by within the block.

    What other tests have left in this process is not gone through meanwhile: that alone takes up to a second.
    """
    gc.disable()
    began = process_time()
    try:
        yield lambda: process_time() - began
    finally:
        gc.enable()
