"""The store on SQLAlchemy Core: SQLite in WAL mode by default, the same schema for PostgreSQL."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa

from sekisho.kernel.errors import UsageError
from sekisho.model.resource import Resource
from sekisho.store.api import NotFoundError

R = TypeVar("R", bound=Resource)

SCHEMA_VERSION = 1

_metadata = sa.MetaData()

_resources = sa.Table(
    "resources",
    _metadata,
    sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("scope", sa.Text, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.UniqueConstraint("kind", "key", name="resources_kind_key"),
    sa.Index("resources_kind_scope", "kind", "scope"),
)

_versions = sa.Table(
    "versions",
    _metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.Integer, nullable=False),
)


class SqlReader:
    """One version of the state, read through one connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    @property
    def version(self) -> int:
        """Return the number of the version that is seen."""
        statement = sa.select(_versions.c.value).where(_versions.c.name == "model")
        return int(self._connection.execute(statement).scalar_one())

    def get(self, kind: type[R], key: str) -> R:
        """Return the resource; raises NotFoundError where there is none."""
        found = self.find(kind, key)
        if found is None:
            raise NotFoundError(f"{kind.KIND} {key}")
        return found

    def find(self, kind: type[R], key: str) -> R | None:
        """Return the resource, or None where there is none."""
        statement = sa.select(_resources.c.body).where(
            _resources.c.kind == kind.KIND, _resources.c.key == key
        )
        body = self._connection.execute(statement).scalar_one_or_none()
        return None if body is None else msgspec.json.decode(body, type=kind)

    def list(self, kind: type[R], scope: str | None = None) -> list[R]:
        """Return the resources of a kind, all or those of one scope, in order of creation."""
        statement = sa.select(_resources.c.body).where(_resources.c.kind == kind.KIND)
        if scope is not None:
            statement = statement.where(_resources.c.scope == scope)
        rows = self._connection.execute(statement.order_by(_resources.c.sequence)).scalars()
        decoder = msgspec.json.Decoder(kind)
        return [decoder.decode(body) for body in rows]


class SqlWriter(SqlReader):
    """The one writer's view: reads its own changes before they are committed."""

    changed = False

    def put(self, resource: Resource) -> None:
        """Insert or replace the resource."""
        self._note(type(resource))
        body = msgspec.json.encode(resource)
        where = (_resources.c.kind == resource.KIND, _resources.c.key == resource.key)
        update = sa.update(_resources).where(*where).values(body=body, scope=resource.scope)
        if self._connection.execute(update).rowcount == 0:
            self._connection.execute(
                sa.insert(_resources).values(
                    kind=resource.KIND, key=resource.key, scope=resource.scope, body=body
                )
            )

    def delete(self, kind: type[Resource], key: str) -> None:
        """Delete the resource; raises NotFoundError where there is none."""
        self._note(kind)
        statement = sa.delete(_resources).where(_resources.c.kind == kind.KIND, _resources.c.key == key)
        if self._connection.execute(statement).rowcount == 0:
            raise NotFoundError(f"{kind.KIND} {key}")

    def _note(self, kind: type[Resource]) -> None:
        """Make a new version of the model, unless nobody compiles resources of that kind."""
        self.changed = self.changed or not getattr(kind, "QUIET", False)


class SqlStore:
    """The store on one SQLAlchemy engine."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._writing = threading.Lock()
        _metadata.create_all(engine)
        with engine.begin() as connection:
            self._check_schema(connection)

    @staticmethod
    def _check_schema(connection: sa.Connection) -> None:
        rows = connection.execute(sa.select(_versions.c.name, _versions.c.value)).all()
        found = {row.name: row.value for row in rows}
        if not found:
            connection.execute(
                sa.insert(_versions),
                [{"name": "schema", "value": SCHEMA_VERSION}, {"name": "model", "value": 0}],
            )
        elif found["schema"] != SCHEMA_VERSION:
            raise UsageError(
                f"the state was written by another version of sekisho (schema {found['schema']}, "
                f"this one reads {SCHEMA_VERSION}); use that version, or another --data folder"
            )

    @contextmanager
    def read(self) -> Iterator[SqlReader]:
        """Open a read transaction."""
        with self._engine.connect() as connection, connection.begin():
            yield SqlReader(connection)

    @contextmanager
    def write(self) -> Iterator[SqlWriter]:
        """Open the write transaction."""
        with self._writing, self._engine.connect() as connection, connection.begin():
            writer = SqlWriter(connection)
            yield writer
            if writer.changed:
                connection.execute(
                    sa.update(_versions)
                    .where(_versions.c.name == "model")
                    .values(value=_versions.c.value + 1)
                )

    def clear(self) -> None:
        """Delete every resource."""
        with self.write() as writer:
            writer.changed = True
            writer._connection.execute(sa.delete(_resources))  # noqa: SLF001 - one class in two halves

    def close(self) -> None:
        """Release the database."""
        self._engine.dispose()


def open_sqlite(path: Path) -> SqlStore:
    """Open the store in a SQLite file, made when it is not there.

    Every commit is on the disk before it returns (WAL, ``synchronous=FULL``).

    Raises:
        UsageError: the file was written by another version.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(f"sqlite:///{path}", connect_args={"timeout": 30})

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        # SQLAlchemy emits BEGIN itself, so that a read transaction is one too.
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    return SqlStore(engine)
