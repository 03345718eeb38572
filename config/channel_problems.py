"""What is wrong in a channels file, and how it is told: file, line, field, reason and mend."""

from pydantic import BaseModel, ConfigDict


class Problem(BaseModel):
    """One thing wrong in a channels file; ``line`` counts from 1, None where the file as a whole is meant."""

    model_config = ConfigDict(frozen=True)

    file: str
    line: int | None
    field: str
    reason: str
    mend: str

    @property
    def place(self) -> str:
        """Where it is in its file."""
        line = f"第 {self.line} 行" if self.line else ""
        return "，".join(part for part in (line, f"字段 {self.field}" if self.field else "") if part)

    @property
    def what(self) -> str:
        """Where it is and what is wrong, without the mend and without an end."""
        between = " " if self.line else "，" if self.field else ""
        return f"{self.file}{between}{self.place}：{self.reason}"

    def __str__(self) -> str:
        return f"{self.what}。{self.mend}"


class ChannelConfigError(ValueError):
    """A channels file that cannot be used. ``problems`` holds everything found; no text of it quotes a URL or a secret."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in problems))
