"""The machine drawn and tabled from its own data: Mermaid for the dashboard, and the whole of ``docs/machine.md``.

``python -m states.diagram > docs/machine.md`` writes the page anew.
"""

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum

from config.labels import english, label
from config.vocabulary import NominationState, RoundState, RoundTrigger, Trigger
from states.errors import Refusal
from states.guards import round_running
from states.machine import MOVES, ROUND_MOVES, ROUND_STAGES, Move, origins

S = NominationState
R = RoundState
MILESTONES = (
    S.SUBMITTED,
    S.QUALIFIED,
    S.EXPERT_REVIEWED,
    S.LEADERSHIP_APPROVED,
    S.PUBLICLY_NOTICED,
    S.GOVERNMENT_CERTIFIED,
)
"""The way from the call to the certificate, drawn larger than what lies beside it."""
_ASIDE = (S.RETURNED, S.RESERVED)
_CLOSED = tuple(state for state in S if state not in (*MILESTONES, *_ASIDE))
_SAID_IN_A_NOTE = {Trigger.WITHDRAW: S.WITHDRAWN, Trigger.DISQUALIFY: S.REJECTED, Trigger.REOPEN: S.NOT_SELECTED}
"""Moves that many states have, and where it is said: a sentence each is clearer than a dozen arrows."""

_LOOK = (
    '%%{init: {"theme": "base", "themeVariables": {"background": "#ffffff", "primaryColor": "#eef2f7", "primaryTextColor": "#1f2937",'
    ' "primaryBorderColor": "#94a3b8", "lineColor": "#64748b", "textColor": "#1f2937", "edgeLabelBackground": "#ffffff",'
    ' "noteBkgColor": "#fff7ed", "noteTextColor": "#7c2d12", "noteBorderColor": "#fdba74"}}}%%'
)
_CLASSES = (
    "classDef milestone fill:#1d4ed8,color:#ffffff,stroke:#1e3a8a,stroke-width:3px,font-weight:bold",
    "classDef aside fill:#fef3c7,color:#78350f,stroke:#d97706",
    "classDef closed fill:#f1f5f9,color:#334155,stroke:#94a3b8",
)


def nomination_diagram(counts: Mapping[NominationState, int] | None = None) -> str:
    """Draw the nomination's machine as a Mermaid state diagram, Chinese labels, milestones in front.

    With ``counts`` every state shows how many nominations are in it; a state that is not among them has none.
    """
    lines = [_LOOK, "stateDiagram-v2"]
    lines += [_state(state, counts) for state in (*MILESTONES, *_ASIDE, *_CLOSED)]
    lines += [f"[*] --> {S.SUBMITTED.value}", *_arrows(_drawn())]
    lines += [_note(move) for move in MOVES if move.trigger in _SAID_IN_A_NOTE]
    lines += _styled((("milestone", MILESTONES), ("aside", _ASIDE), ("closed", _CLOSED)))
    return _block(lines)


def progress_diagram(counts: Mapping[NominationState, int]) -> str:
    """Draw the nomination's machine for a board: every state with its count, the arrows without words.

    The theme is the board's own.
    """
    lines = ["stateDiagram-v2"]
    lines += [_state(state, counts) for state in (*MILESTONES, *_ASIDE, *_CLOSED)]
    lines += list(dict.fromkeys(f"{source.value} --> {target.value}" for source, target, _ in _drawn()))
    lines += _styled((("milestone", MILESTONES), ("aside", _ASIDE), ("closed", _CLOSED)))
    return _block(lines)


def round_diagram() -> str:
    """Draw the round's smaller machine as a Mermaid state diagram, Chinese labels."""
    moves = [(move.source, move.target, move.trigger) for move in ROUND_MOVES if move.target not in (None, R.CANCELLED)]
    lines = [_LOOK, "stateDiagram-v2", *(_state(state, None) for state in R), f"[*] --> {R.PLANNED.value}"]
    lines += _arrows([(source, target, label(trigger)) for source, target, trigger in moves if target is not None])
    lines += [f"note right of {R.CANCELLED.value} : {_always_note()}"]
    lines += _styled((("milestone", ROUND_STAGES), ("closed", (R.PLANNED, R.CANCELLED))))
    return _block(lines)


def machine_page() -> str:
    """Give the whole of ``docs/machine.md``: both diagrams and both tables, generated from the machine's own data."""
    parts = [
        "# The machine",
        (
            "Generated from the tables in `states/machine.py` by `python -m states.diagram > docs/machine.md`; a test holds it to them."
            " Whatever no row allows is refused, and every refusal of a move comes at once, each with its sentence and its clause."
        ),
        "## A nomination (申报)",
        _fenced(nomination_diagram()),
        (
            f"Every move also asks: {_purpose(round_running)} A stage that the programme skips is *passed through*: only the round's state and"
            " the quota are asked then."
        ),
        _table(("trigger", "from", "to", "decided by", "recorded by", "guards", "ledger event"), map(_row, MOVES)),
        (
            f"Closed: {_names((S.LAPSED, S.REJECTED, S.NOT_SELECTED))} (only {_word(Trigger.REOPEN)} leaves them),"
            f" {_names((S.WITHDRAWN, S.REVOKED))} (nothing does), {_names((S.GOVERNMENT_CERTIFIED,))} (only {_word(Trigger.REVOKE)})."
        ),
        "## A round (届)",
        _fenced(round_diagram()),
        "On hold (暂停) is a flag and not a stage: while it is set, only release and cancel are left.",
        _table(("trigger", "from", "to", "recorded by"), _round_rows()),
    ]
    return "\n\n".join(parts) + "\n"


def _drawn() -> list[tuple[StrEnum, StrEnum, str]]:
    return [
        (source, move.target, label(move.trigger))
        for move in MOVES
        if move.trigger not in _SAID_IN_A_NOTE and move.target is not None
        for source in move.sources
    ]


def _arrows(moves: Iterable[tuple[StrEnum, StrEnum, str]]) -> list[str]:
    """Draw one arrow from state to state, whatever number of triggers takes that way."""
    ways: dict[tuple[str, str], list[str]] = {}
    for source, target, name in moves:
        ways.setdefault((source.value, target.value), []).append(name)
    return [f"{source} --> {target} : {'／'.join(names)}" for (source, target), names in ways.items()]


def _state(state: StrEnum, counts: Mapping[NominationState, int] | None) -> str:
    count = "" if counts is None else f" {counts.get(S(state.value), 0)}"
    return f'state "{label(state)}{count}" as {state.value}'


def _styled(groups: Iterable[tuple[str, Sequence[StrEnum]]]) -> list[str]:
    return [*_CLASSES, *(f"class {', '.join(state.value for state in states)} {name}" for name, states in groups)]


def _note(move: Move) -> str:
    whither = "" if move.target else "到来处"
    text = f"{'、'.join(label(state) for state in move.sources)}，均可“{label(move.trigger)}”{whither}"
    return f"note right of {_SAID_IN_A_NOTE[move.trigger].value} : {text}"


def _always_note() -> str:
    return f"结束之前随时可“{label(RoundTrigger.CANCEL)}”；“{label(RoundTrigger.HOLD)}”与“{label(RoundTrigger.RELEASE)}”不改变阶段"


def _row(move: Move) -> tuple[str, ...]:
    target = _names((move.target,)) if move.target else "the state it came from"
    if move.trigger == Trigger.REOPEN:
        target += f" ({_names(dict.fromkeys(state for source in move.sources for state in origins(source)))})"
    guards = " ".join([*map(_purpose, move.guards), *map(_purpose, move.batch_guards)])
    return _word(move.trigger), _names(move.sources), target, _words(move.decided_by), _words(move.recorded_by), guards, f"`{move.event}`"


def _round_rows() -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for trigger in RoundTrigger:
        moves = [move for move in ROUND_MOVES if move.trigger == trigger]
        same = trigger in (RoundTrigger.HOLD, RoundTrigger.RELEASE, RoundTrigger.CANCEL)
        for group in [moves] if same else [[move] for move in moves]:
            target = _names((group[0].target,)) if group[0].target else "the same stage"
            rows.append((_word(trigger), _names(move.source for move in group), target, _words(group[0].recorded_by)))
    return rows


def _purpose(guard: Callable[..., list[Refusal]]) -> str:
    """Give the first sentence of a guard's docstring, which says what it refuses."""
    return str(guard.__doc__).partition("\n")[0].strip()


def _word(word: StrEnum) -> str:
    return f"{english(word)} {label(word)}"


def _words(words: Iterable[StrEnum]) -> str:
    return ", ".join(_word(word) for word in words)


def _names(states: Iterable[StrEnum]) -> str:
    return ", ".join(f"`{state.value}` {label(state)}" for state in states)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows))


def _fenced(diagram: str) -> str:
    return f"```mermaid\n{diagram}\n```"


def _block(lines: Sequence[str]) -> str:
    indented = [line if number < 2 else f"    {line}" for number, line in enumerate(lines)]
    return "\n".join(indented)


if __name__ == "__main__":
    sys.stdout.write(machine_page())
