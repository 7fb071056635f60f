"""What a server holds of its machine while it runs: a port, the data folder, the database, a folder of sockets."""

import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path

from sekisho.kernel.settings import Settings
from sekisho.serve.data_folder import DataFolder
from sekisho.serve.web import listen
from sekisho.store.sql import open_sqlite


class SocketFolder:
    """A folder for Unix sockets that this user alone can reach."""

    def __init__(self) -> None:
        # Not in the data folder: a Unix socket's path may have 107 characters only.
        self.path = Path(tempfile.mkdtemp(prefix="sekisho-"))
        self.control = self.path / "control.sock"
        self.admin = self.path / "admin.sock"
        self.load_balancers = self.path / "functions.sock"
        self.http_apis = self.path / "apis.sock"

    def close(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self.path, ignore_errors=True)


class Holdings:
    """Takes all of it, or nothing."""

    def __init__(self, settings: Settings) -> None:
        """Take the port first: a second server is told so before it touches anything.

        Raises:
            UsageError: the port or the data folder is taken, or the state was written by another version.
        """
        with ExitStack() as taken:
            self.listener = taken.enter_context(listen(settings.host, settings.port))
            self.data = DataFolder(settings.data, ephemeral=settings.ephemeral)
            taken.callback(self.data.close)
            self.store = open_sqlite(self.data.path / "state.db")
            taken.callback(self.store.close)
            self.sockets = SocketFolder()
            taken.callback(self.sockets.close)
            self._taken = taken.pop_all()

    def close(self) -> None:
        """Give all of it back."""
        self._taken.close()
