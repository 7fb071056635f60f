"""Operations that only read wait for nobody, and every operation with such a name is one."""

import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sekisho.kernel.clock import ManualClock
from sekisho.kernel.ids import CountingIds
from sekisho.services import SERVICES
from sekisho.services.context import TargetHealth
from sekisho.services.registry import Dispatcher, Service, only_reads
from sekisho.store.sql import SqlStore, open_sqlite

NOW = datetime(2026, 11, 21, tzinfo=UTC)
CHANGE_THINGS = {"GetTokensFromRefreshToken", "GetUserAttributeVerificationCode"}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    opened = open_sqlite(tmp_path / "state.db")
    yield opened
    opened.close()


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_operations_are_marked_by_what_they_do(service: Service) -> None:
    by_name = {
        name for name in service.operations if re.match(r"(Admin)?(Describe|Export|Get|List)[A-Z]", name)
    }
    by_mark = {name for name, handler in service.operations.items() if only_reads(handler)}
    assert by_name - by_mark <= CHANGE_THINGS


def test_reading_does_not_wait_for_a_writer(store: SqlStore) -> None:
    dispatcher = Dispatcher(
        SERVICES, store, ManualClock(NOW), CountingIds(), "000000000000", runtime=_Nothing()
    )
    answers = []
    reader = threading.Thread(
        target=lambda: answers.append(dispatcher.call("elbv2", "DescribeLoadBalancers", {}, "us-east-1"))
    )
    with store.write():
        reader.start()
        reader.join(timeout=30)
        assert answers == [{"LoadBalancers": []}]


class _Nothing:
    def target_health(self, target_group_arn: str) -> dict[str, TargetHealth]:
        raise AssertionError(target_group_arn)
