"""Where one service on this machine lives and listens, and what its processes find in their environment."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
PREFECT = Path(sys.executable).with_name("prefect")
WORK_POOL = "hallmark"
ZOMBIE_WATCH = "hallmark 心跳中断的运行判为崩溃"
MARK = "HALLMARK_SERVICE_HOME"

# Settings of another Prefect that this user may work with: they would lead our children to its server and database.
_FOREIGN = (
    "PREFECT__",
    "PREFECT_API_URL",
    "PREFECT_API_KEY",
    "PREFECT_API_DATABASE",
    "PREFECT_SERVER_DATABASE",
    "PREFECT_PROFILE",
    "PREFECT_UI_",
)
_LOOPBACK = "127.0.0.1,localhost,::1"
_FILE_SETTINGS = ("HALLMARK_KEY_FILE", "HALLMARK_CHANNELS", "HALLMARK_CALENDAR_OVERRIDES")


@dataclass(frozen=True)
class ServicePlan:
    """One service: its folder, its address, and the folder whose ``prefect.yaml`` it deploys.

    ``home`` and ``project`` are absolute. ``variables`` go to the worker and its flows beside the environment of
    whoever starts the service (``outer``).
    """

    home: Path
    host: str
    port: int
    project: Path = PROJECT
    prefect: Path = PREFECT
    variables: Mapping[str, str] = field(default_factory=dict)
    outer: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))

    @property
    def ui_url(self) -> str:
        """The dashboard's address as a browser on this machine reaches it."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104 - compared, not bound
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    @property
    def api_url(self) -> str:
        """Where our own clients reach the server's API."""
        return f"{self.ui_url}/api"

    @property
    def prefect_home(self) -> Path:
        """Prefect's own folder: its database and its copy of the dashboard's pages."""
        return self.home / "prefect"

    @property
    def deployments(self) -> Path:
        """The file that names every deployment."""
        return self.project / "prefect.yaml"

    @property
    def folders(self) -> list[Path]:
        """Every folder that must stand before anything starts."""
        names = ("", "inbox", "outbox", "outbox/mail", "prefect", "logs")
        return [self.home / name for name in names]

    def log(self, name: str) -> Path:
        """The log file of one child."""
        return self.home / "logs" / f"{name}.log"

    def server_environment(self) -> dict[str, str]:
        """The environment of the Prefect server; nothing of ours goes there, so no secret of ours does."""
        return {name: value for name, value in self._prefect_environment().items() if not name.startswith("HALLMARK_") or name == MARK}

    def worker_environment(self) -> dict[str, str]:
        """The environment of the worker, of every flow it runs and of ``prefect deploy``."""
        environment = self._prefect_environment()
        # A flow runs in another folder than this command, so relative paths would point elsewhere.
        environment |= {name: str(Path(environment[name]).absolute()) for name in _FILE_SETTINGS if environment.get(name)}
        environment.setdefault("HALLMARK_PUBLIC_URL", self.ui_url)
        paths = (str(self.project), environment.get("PYTHONPATH", ""))
        return environment | {"PYTHONPATH": os.pathsep.join(filter(None, paths)), "HALLMARK_HOME": str(self.home), **self.variables}

    def _prefect_environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in self.outer.items() if not name.startswith(_FOREIGN)}
        return inherited | self._settings() | no_proxy_to_ourselves(self.outer)

    def _settings(self) -> dict[str, str]:
        return {
            MARK: str(self.home),
            "DO_NOT_TRACK": "1",
            "PYTHONUNBUFFERED": "1",
            "PYTHONUTF8": "1",
            "PREFECT_HOME": str(self.prefect_home),
            "PREFECT_API_URL": self.api_url,
            "PREFECT_UI_URL": self.ui_url,
            "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30",
            "PREFECT_LOGGING_COLORS": "false",
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "PREFECT_SERVER_EPHEMERAL_ENABLED": "false",
            "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
            # A relative address works on every host and port; without it the dashboard looks for its API on 4200.
            "PREFECT_SERVER_UI_API_URL": "/api",
            "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
            "PREFECT_SERVER_UI_STATIC_DIRECTORY": str(self.prefect_home / "ui"),
            "PREFECT_WORKER_QUERY_SECONDS": "1",
        }


def no_proxy_to_ourselves(outer: Mapping[str, str]) -> dict[str, str]:
    """Variables that keep a proxy of this network away from our own server."""
    known = outer.get("NO_PROXY") or outer.get("no_proxy") or ""
    value = ",".join(filter(None, (known, _LOOPBACK)))
    return {"NO_PROXY": value, "no_proxy": value}
