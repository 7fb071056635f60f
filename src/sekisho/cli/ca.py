"""``sekisho ca``: the certificate authority that clients of TLS listeners have to trust."""

from typing import Annotated

import typer

from sekisho.cli.console import reports_errors
from sekisho.cli.options import Data, settings_from
from sekisho.kernel.errors import UsageError


@reports_errors
def ca(
    data: Data = None,
    pem: Annotated[bool, typer.Option("--pem", help="Print the certificate instead of its path.")] = False,
) -> None:
    """Print where the listeners' certificate authority is.

    For instance: curl --cacert $(sekisho ca) https://127.0.0.1:20001/
    """
    path = settings_from(data=data).data.resolve() / "ca.pem"
    if not path.is_file():
        raise UsageError(
            f"there is no certificate authority in {path.parent}; the first server there makes it"
        )
    typer.echo(path.read_text(), nl=False) if pem else typer.echo(path)
