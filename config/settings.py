"""Everything a machine may set, each field described; read from ``HALLMARK_*`` variables of the environment."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Where this house keeps its things. Relative paths are relative to the working directory."""

    model_config = SettingsConfigDict(env_prefix="HALLMARK_", extra="ignore", frozen=True)

    home: Annotated[Path, Field(description="Folder of the database, the key, inbox/, outbox/ and logs.")] = Path(".hallmark")
    database_url: Annotated[SecretStr | None, Field(description="SQLAlchemy URL; without one, SQLite in the home.")] = None
    key_file: Annotated[Path | None, Field(description="Key of the vault, mode 0600, outside the database; default <home>/vault.key.")] = (
        None
    )
    channels: Annotated[Path | None, Field(description="channels.yaml of this house; default the one that is shipped.")] = None
    calendar_overrides: Annotated[
        Path | None,
        Field(description="calendar_overrides.yaml of this house: working days not announced yet; default the one that is shipped."),
    ] = None
    public_url: Annotated[str, Field(description="Address of the dashboard, as messages quote it.")] = "http://127.0.0.1:4200"
    alerts: Annotated[
        str,
        Field(
            description="Where alarms go when no operator of the office can be reached, or the database is down: "
            "a channel, or channel:address, several by commas, tried in turn."
        ),
    ] = ""
    clock_alarm_hours: Annotated[int, Field(ge=1, description="The clock has stopped when no tick came through for so many hours.")] = 2

    @property
    def folder(self) -> Path:
        """The home as an absolute path."""
        return self.home.expanduser().absolute()

    @property
    def url(self) -> str:
        """The database's SQLAlchemy URL. It may hold a password: never print it."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{self.folder / 'hallmark.db'}"

    @property
    def key_path(self) -> Path:
        """Where the vault's key lies."""
        return self.key_file or self.folder / "vault.key"

    @property
    def plugins(self) -> Path:
        """Channels of this house's own: Python files with Apprise's ``@notify``."""
        return self.folder / "plugins"

    @property
    def inbox(self) -> Path:
        """Files from operators: the only folder a file parameter can name."""
        return self.folder / "inbox"

    @property
    def outbox(self) -> Path:
        """Files to operators."""
        return self.folder / "outbox"
