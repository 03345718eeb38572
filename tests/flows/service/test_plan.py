from pathlib import Path

from flows.service.plan import MARK, ServicePlan

HOME = Path("/h/家")


def plan(host: str = "127.0.0.1", *, outer: dict[str, str] | None = None, variables: dict[str, str] | None = None) -> ServicePlan:
    return ServicePlan(home=HOME, host=host, port=4300, project=Path("/p"), outer=outer or {}, variables=variables or {})


def test_address_of_any_host_is_one_that_this_machine_reaches() -> None:
    hosts = ("127.0.0.1", "0.0.0.0", "::", "::1", "localhost", "192.168.1.5")  # noqa: S104
    assert [plan(host).ui_url for host in hosts] == [
        "http://127.0.0.1:4300",
        "http://127.0.0.1:4300",
        "http://[::1]:4300",
        "http://[::1]:4300",
        "http://localhost:4300",
        "http://192.168.1.5:4300",
    ]
    assert plan().api_url == "http://127.0.0.1:4300/api"


def test_foreign_prefect_settings_do_not_reach_children() -> None:
    outer = {
        "PREFECT_API_URL": "https://elsewhere/api",
        "PREFECT_API_KEY": "k",
        "PREFECT_PROFILE": "cloud",
        "PREFECT_HOME": "/elsewhere",
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": "x",
        "PREFECT__FLOW_RUN_ID": "x",
        "PREFECT_UI_API_URL": "x",
        "PREFECT_LOGGING_LEVEL": "DEBUG",
    }
    for environment in (plan(outer=outer).server_environment(), plan(outer=outer).worker_environment()):
        assert environment["PREFECT_API_URL"] == "http://127.0.0.1:4300/api"
        assert environment["PREFECT_HOME"] == "/h/家/prefect"
        assert environment["PREFECT_LOGGING_LEVEL"] == "DEBUG"
        assert not {"PREFECT_API_KEY", "PREFECT_PROFILE", "PREFECT_SERVER_DATABASE_CONNECTION_URL", "PREFECT__FLOW_RUN_ID"} & set(
            environment
        )
        assert "PREFECT_UI_API_URL" not in environment


def test_secrets_of_house_go_to_worker_and_not_to_server() -> None:
    running = plan(outer={"HALLMARK_SMTP_PASSWORD": "s", "PATH": "/bin"}, variables={"HALLMARK_DATABASE_URL": "sqlite:///demo.db"})
    worker = running.worker_environment()
    assert worker["HALLMARK_SMTP_PASSWORD"] == "s"
    assert worker["HALLMARK_DATABASE_URL"] == "sqlite:///demo.db"
    assert worker["HALLMARK_HOME"] == "/h/家"
    assert [name for name in running.server_environment() if name.startswith("HALLMARK_")] == [MARK]


def test_relative_files_of_house_are_made_absolute_for_worker() -> None:
    worker = plan(outer={"HALLMARK_CHANNELS": "channels.yaml", "HALLMARK_KEY_FILE": "/k/vault.key"}).worker_environment()
    assert worker["HALLMARK_CHANNELS"] == str(Path.cwd() / "channels.yaml")
    assert worker["HALLMARK_KEY_FILE"] == "/k/vault.key"


def test_public_url_is_dashboards_unless_operator_named_another() -> None:
    assert plan().worker_environment()["HALLMARK_PUBLIC_URL"] == "http://127.0.0.1:4300"
    named = {"HALLMARK_PUBLIC_URL": "https://hallmark.example"}
    assert plan(outer=named).worker_environment()["HALLMARK_PUBLIC_URL"] == "https://hallmark.example"


def test_flows_are_found_in_project_before_anything_else() -> None:
    assert plan().worker_environment()["PYTHONPATH"] == "/p"
    assert plan(outer={"PYTHONPATH": "/q"}).worker_environment()["PYTHONPATH"] == "/p:/q"


def test_proxy_of_network_stays_away_from_own_server() -> None:
    environment = plan(outer={"no_proxy": "intranet", "HTTP_PROXY": "http://proxy:3128"}).worker_environment()
    assert environment["NO_PROXY"] == environment["no_proxy"] == "intranet,127.0.0.1,localhost,::1"
