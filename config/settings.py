"""Everything a machine may set, each field described; read from ``HALLMARK_*`` variables of the environment."""

from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, ModelWrapValidatorHandler, SecretStr, ValidationError, field_validator, model_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from config.errors import ConfigError

_MENDS = {
    "int_parsing": "要写阿拉伯数字的整数",
    "int_from_float": "要写整数",
    "greater_than_equal": "至少写 {ge}",
    "database_url": "要写成 postgresql://用户:口令@主机:端口/库，或 sqlite:///路径；不设则用数据目录里的 SQLite",
}
_DATABASES = ("sqlite", "postgresql", "postgresql+psycopg")


class SettingsInvalid(ConfigError):
    """A variable of the environment that cannot be used; values are never repeated, since one of them holds a password."""

    def __init__(self, error: ValidationError) -> None:
        wrong = [_said(each) for each in error.errors(include_input=False, include_url=False)]
        super().__init__("\n".join([*wrong, "请改正或删去后再试。[a setting cannot be used]"]))


def _said(wrong: Any) -> str:
    variable = "HALLMARK_" + str(wrong["loc"][0]).upper()
    return f"环境变量 {variable} 的值不能用：{_MENDS.get(wrong['type'], '写法不对').format_map(wrong.get('ctx', {}))}。"


class Settings(BaseSettings):
    """Where this house keeps its things. Relative paths are relative to the working directory; an empty variable is an unset one.

    Raises ``SettingsInvalid``, which names each variable that cannot be used.
    """

    model_config = SettingsConfigDict(env_prefix="HALLMARK_", env_ignore_empty=True, extra="ignore", frozen=True)

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

    @field_validator("database_url")
    @classmethod
    def _of_a_known_kind(cls, url: SecretStr | None) -> SecretStr | None:
        try:
            known = url is None or make_url(url.get_secret_value()).drivername in _DATABASES
        except (ArgumentError, ValueError):
            known = False
        if not known:
            raise PydanticCustomError("database_url", "not a database that this house knows")
        return url

    @model_validator(mode="wrap")
    @classmethod
    def _in_words(cls, values: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        try:
            return handler(values)
        except ValidationError as error:
            raise SettingsInvalid(error) from None

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
