"""Where the command ``sekisho`` begins, and ``python -m sekisho``."""

import sys

_INTERRUPTED = 130


def main() -> None:
    """Run the command line; Ctrl-C ends it quietly while it is being loaded, too."""
    try:
        from sekisho.cli.main import app

        app()
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)


if __name__ == "__main__":
    main()
