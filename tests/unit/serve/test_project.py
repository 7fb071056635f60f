from pathlib import Path
from textwrap import dedent

import pytest

from sekisho.kernel.errors import UsageError
from sekisho.model.project import CertificateFiles, ContainerBinding, Project
from sekisho.serve.project import find_project, load_project

ARN = "arn:aws:acm:ap-northeast-1:111122223333:certificate/0123"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "app").mkdir()
    for name in ("template.json", "app/requirements.txt", "chain.pem", "key.pem"):
        (tmp_path / name).touch()
    return tmp_path


def load(folder: Path, text: str) -> Project:
    file = folder / "sekisho.yaml"
    file.write_text(dedent(text))
    return load_project(file)


def test_everything_that_a_file_may_say_is_read(folder: Path) -> None:
    project = load(
        folder,
        f"""\
        template: template.json
        stack: JwtAlbSample
        region: ap-northeast-1
        containers:
          AppContainer:
            command: ["gunicorn", "-w", 1, "-b", "{{host}}:{{port}}", "app:app"]
            directory: app
            requirements: app/requirements.txt
            environment: {{LEVEL: debug, WORKERS: 2}}
          Task/Sidecar:
            url: http://127.0.0.1:8000
        tenants:
          - {{domain: dev.us.auth0.com, apis: [{{name: products, port: 1}}]}}
        parameters: {{Name: value, Version: 1.10, Enabled: true, Subnets: [a, b], Account: 012345678901}}
        ports: {{Listener: 8443}}
        certificates:
          {ARN}: {{chain: chain.pem, key: key.pem}}
        assets: {{Function: app}}
        """,
    )
    assert project == Project(
        file=folder / "sekisho.yaml",
        template=folder / "template.json",
        stack="JwtAlbSample",
        region="ap-northeast-1",
        containers=(
            ContainerBinding(
                name="AppContainer",
                command=("gunicorn", "-w", "1", "-b", "{host}:{port}", "app:app"),
                directory=folder / "app",
                requirements=folder / "app" / "requirements.txt",
                environment={"LEVEL": "debug", "WORKERS": "2"},
            ),
            ContainerBinding("Sidecar", "Task", url="http://127.0.0.1:8000", directory=folder),
        ),
        tenants=({"domain": "dev.us.auth0.com", "apis": [{"name": "products", "port": 1}]},),
        parameters={
            "Name": "value",
            "Version": "1.10",
            "Enabled": "true",
            "Subnets": "a,b",
            "Account": "012345678901",
        },
        ports={"Listener": 8443},
        certificates={ARN: CertificateFiles(folder / "chain.pem", folder / "key.pem")},
        assets={"Function": folder / "app"},
    )


def test_empty_sections_mean_nothing(folder: Path) -> None:
    text = (
        "template:\nstack:\nregion:\ncontainers:\ntenants:\nparameters:\nports: {}\ncertificates:\nassets:\n"
    )
    assert load(folder, text) == Project(folder / "sekisho.yaml")


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("tempalte: x\n", ":1:1: tempalte", "is not known; known here: template, stack"),
        ("stack: A\nstack: B\n", ":2:1: stack", "stands twice"),
        ("stack: [A]\n", ":1:8: stack", "must be text"),
        ("stack: true\n", ":1:8: stack", "put it in quotes"),
        ("template: gone.json\n", ":1:11: template", "gone.json does not exist"),
        ("- a\n", "", "must hold a mapping"),
        ("", "", "must hold a mapping"),
        ("a: [\n", ":2:1", "is not YAML"),
        ("stack: \x00\n", "", "is not YAML"),
        ("tenants: {}\n", ":1:10: tenants", "must be a list"),
        ("containers: []\n", ":1:13: containers", "must be a mapping"),
        ("containers:\n  App: {}\n", ":2:8: containers.App", "needs either a command or a url"),
        ("containers:\n  App: {command: [a], url: http://h}\n", ":2:8", "needs either"),
        ("containers:\n  App: {command: python app.py}\n", ":2:18: containers.App.command", "must be a list"),
        ("containers:\n  App: {command: []}\n", ":2:18", "must hold a program"),
        ("containers:\n  App: {command: [[a]]}\n", ":2:19: containers.App.command[0]", "must be text"),
        ("containers:\n  App: {command: [a], image: x}\n", ":2:23: containers.App.image", "is not known"),
        ("containers:\n  App: {url: 'ftp://h'}\n", ":2:14: containers.App.url", "http or https URL"),
        ("containers:\n  App: {url: 'http://h:99999'}\n", ":2:14", "http or https URL"),
        ("containers:\n  App: {url: 'http://h', directory: app}\n", ":2:37", "has no meaning with a url"),
        ("containers:\n  App/: {url: 'http://h'}\n", ":2:9", "must be named after a container"),
        ("containers:\n  App: {command: [a], environment: {A: true}}\n", ":2:40", "must be text"),
        ("ports: {L: 0}\n", ":1:12: ports.L", "must be a port"),
        ("ports: {L: https}\n", ":1:12: ports.L", "must be a port"),
        ("parameters: {A: {b: c}}\n", ":1:17: parameters.A", "must be text"),
        ("certificates: {x: {chain: chain.pem, key: key.pem}}\n", ":1:19", "the ARN of a certificate"),
        (f"certificates:\n  {ARN}: {{chain: chain.pem}}\n", ":2:", "needs key"),
        ("? [a]\n: b\n", ":1:3", "a key must be text"),
    ],
    ids=lambda value: repr(value[:40]),
)
def test_a_fault_is_told_with_its_place(folder: Path, text: str, place: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        load(folder, text)
    assert caught.value.message.startswith(f"{folder / 'sekisho.yaml'}{place}")
    assert message in caught.value.message


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No such file"):
        load_project(tmp_path / "sekisho.yaml")
    (tmp_path / "sekisho.yaml").write_bytes(b"\xff")
    with pytest.raises(UsageError, match="not UTF-8"):
        load_project(tmp_path / "sekisho.yaml")


def test_the_file_is_found_in_the_folder_or_beside_the_template(folder: Path) -> None:
    assert find_project(folder / "template.json") is None
    (folder / "sekisho.yaml").touch()
    assert find_project(folder / "template.json") == folder / "sekisho.yaml"
    assert find_project(folder) == folder / "sekisho.yaml"


@pytest.mark.parametrize("name", ["alb-m2m", "http-api", "tenant-routing"])
def test_the_files_of_the_examples_are_read(name: str) -> None:
    file = Path(__file__).parents[3] / "examples" / name / "sekisho.yaml"
    if not file.exists():
        pytest.skip(f"there is no example {name}")
    assert load_project(file).stack
