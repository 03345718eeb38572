import os
import signal

import pytest

from flows.service.stopping import SIGNALS, StopAsked, StopSignals, wait_patiently


@pytest.mark.parametrize("number", SIGNALS)
def test_signal_is_remembered_and_second_one_hurries(number: signal.Signals) -> None:
    signals = StopSignals()
    before = signal.getsignal(number)
    with signals.installed():
        os.kill(os.getpid(), number)
        assert (signals.asked, signals.hurried) == (True, False)
        os.kill(os.getpid(), number)
        assert signals.hurried
    assert signal.getsignal(number) is before


def test_waiting_ends_as_soon_as_somebody_asks() -> None:
    signals = StopSignals()
    calls = 0

    def never() -> bool:
        nonlocal calls
        calls += 1
        signals.ask()
        return False

    with pytest.raises(StopAsked):
        signals.wait_until(never, seconds=600)
    assert calls == 1


def test_waiting_for_what_has_come_gives_true_and_for_what_does_not_false() -> None:
    signals = StopSignals()
    assert signals.wait_until(lambda: True, seconds=1)
    assert not signals.wait_until(lambda: False, seconds=0.01)
    assert not wait_patiently(lambda: False, seconds=0.01)


def test_signal_interrupts_only_work_that_asked_for_it() -> None:
    signals = StopSignals()
    with signals.installed():
        with pytest.raises(StopAsked), signals.interrupting():
            os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)
    assert signals.hurried
