"""What the documents name is there, and what README.md shows a command printing is what it prints."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import typer
from ruamel.yaml import YAML

from config.settings import Settings
from flows.cli import app, run
from flows.workbooks import KINDS

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "docs" / "pictures"
HANDBOOK = ROOT / "docs" / "operators.zh-CN.md"
READMES = (ROOT / "README.md", ROOT / "README.zh-CN.md")
GUIDES = (
    *READMES,
    ROOT / "CONTRIBUTING.md",
    HANDBOOK,
    ROOT / "docs" / "channels.zh-CN.md",
    ROOT / "docs" / "architecture.md",
    *sorted((ROOT / "docs" / "decisions").glob("*.md")),
)
COMMANDS = typer.main.get_command(app).commands  # type: ignore[attr-defined]  # a Typer with commands makes a group
MOST_BYTES = 200_000
_OTHER_VARIABLES = {"HALLMARK_TEST_CHROMIUM", "HALLMARK_CODE"}


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def code_of(page: Path) -> list[str]:
    """Every line of a fenced block, and every span of code outside one."""
    text = text_of(page)
    fences = re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    spans = re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL))
    return [line for fence in fences for line in fence.splitlines()] + spans


def named(pattern: str, *pages: Path) -> set[str]:
    return {found for page in pages for line in code_of(page) for found in re.findall(pattern, line)}


def links() -> Iterator[tuple[Path, str]]:
    for page in GUIDES:
        for target in re.findall(r"\]\(([^)\s]+)\)", text_of(page)):
            if "://" not in target:
                yield page, target


def transcripts() -> Iterator[tuple[str, str]]:
    """Commands of the ``console`` blocks of README.md, each with what stands below it."""
    for block in re.findall(r"^```console\n(.*?)^```", text_of(READMES[0]), re.MULTILINE | re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, printed = part.partition("\n")
            yield command, printed


@cache
def deployments() -> set[str]:
    return {deployment["name"] for deployment in YAML(typ="safe").load(ROOT / "prefect.yaml")["deployments"]}


@pytest.mark.parametrize("page", GUIDES, ids=lambda page: page.name)
def test_make_target_that_a_page_names_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):.*## ", text_of(ROOT / "Makefile"), re.MULTILINE))
    assert named(r"\bmake ([a-z]+)", page) <= targets


@pytest.mark.parametrize("page", READMES, ids=lambda page: page.name)
def test_readme_says_how_to_run_and_test(page: Path) -> None:
    assert {"make run", "make test", "make setup", "make run PORT=4300"} <= named(r"\bmake [a-z]+(?: PORT=4300)?", page)


@pytest.mark.parametrize("page", GUIDES, ids=lambda page: page.name)
def test_hallmark_command_that_a_page_names_exists_with_its_options(page: Path) -> None:
    for line in code_of(page):
        for name, rest in re.findall(r"\bhallmark(?!\.) +([a-z]+)\b([^#`]*)", line):
            options = {option for parameter in COMMANDS[name].params for option in parameter.opts}
            assert set(re.findall(r"(?<!\S)--[a-z-]+", rest)) <= options, line


@pytest.mark.parametrize(("page", "target"), list(links()), ids=lambda value: value if isinstance(value, str) else value.name)
def test_link_leads_somewhere(page: Path, target: str) -> None:
    path, _, anchor = target.partition("#")
    assert (page.parent / path).exists()
    assert not anchor, "headings are renamed: link to the page"


@pytest.mark.parametrize("page", GUIDES, ids=lambda page: page.name)
def test_file_that_a_page_names_exists(page: Path) -> None:
    folders = r"(?:config|states|notifiers|flows|tests|docs)/"
    wanted = named(rf"^{folders}[\w./*-]*$", page)
    assert [path for path in sorted(wanted) if not list(ROOT.glob(path.rstrip("/"))) and "NNNN" not in path] == []


def test_every_decision_has_a_number_of_its_own() -> None:
    records = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    numbers = [path.name.split("-")[0] for path in records]
    assert numbers == [f"{number:04d}" for number in range(1, len(records) + 1)]
    assert [text_of(path).split()[1] for path in records] == numbers


def test_every_picture_is_shown_and_small() -> None:
    shown = {(page.parent / target).resolve() for page, target in links() if target.endswith(".png")}
    assert shown == set(PICTURES.glob("*.png"))
    assert {picture.name for picture in shown if picture.stat().st_size > MOST_BYTES} == set()


@pytest.mark.parametrize("page", READMES, ids=lambda page: page.name)
def test_readme_describes_every_setting_and_no_other(page: Path) -> None:
    settings = {f"HALLMARK_{name.upper()}" for name in Settings.model_fields}
    assert set(re.findall(r"\bHALLMARK_[A-Z_]+", text_of(page))) - _OTHER_VARIABLES == settings


@pytest.mark.parametrize("page", READMES, ids=lambda page: page.name)
def test_what_a_readme_has_one_make_in_this_folder_is_no_change_of_the_project(page: Path) -> None:
    ignored = text_of(ROOT / ".gitignore").splitlines()
    commands = [line for line in code_of(page) if "hallmark" in line]
    folders = {found for line in commands for found in re.findall(r"--out (\S+)", line)}
    files = {Path(found).suffix for line in commands for found in re.findall(r" ([^\s/]+\.(?:xlsx|zip|svg|png))", line)}
    assert {f"/{folder}/" for folder in folders} | {f"/*{suffix}" for suffix in files} <= set(ignored)


def test_handbook_names_every_deployment_and_no_other() -> None:
    said = set(re.findall(r"`([a-z]+(?:-[a-z]+)*)`", text_of(HANDBOOK)))
    assert said >= deployments()
    assert said - set(KINDS) - {"inbox", "outbox"} == deployments()


def test_handbook_names_every_workbook() -> None:
    rows = dict(re.findall(r"^\| `([a-z-]+)` \| (\w+) \| `", text_of(HANDBOOK), re.MULTILINE))
    assert rows == {kind: workbook.title for kind, workbook in KINDS.items()}


@pytest.mark.parametrize(("command", "printed"), list(transcripts()), ids=lambda value: value.split("\n")[0][:60])
def test_command_prints_what_the_readme_shows(command: str, printed: str, capsys: pytest.CaptureFixture[str]) -> None:
    program, *arguments = command.split()
    assert program == ".venv/bin/hallmark"
    assert run(arguments) == 0
    assert capsys.readouterr().out == printed
