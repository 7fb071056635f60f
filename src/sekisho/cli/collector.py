"""The garbage collector of a process that does nothing but serve."""

import gc


def spare_what_is_there() -> None:
    """Have the collector leave alone whatever there is now: modules and the parts of the server, for good.

    It would look at all of it again and again, and no request for a function is answered in that tenth of a second.
    """
    gc.collect()
    gc.freeze()
