"""What is wrong with a URL is said at its own line of the channels file, before any message is to leave by it."""

from pathlib import Path

import pytest

from config.channel_problems import ChannelConfigError
from config.channels import load_channels
from notifiers.channels import Channels
from states.clock import VirtualClock
from tests.notifiers.conftest import NOON

PORT = "网址里的端口要在 1 到 65535 之间"
SPELLING = "网址的写法不对，请核对主机名和端口"


def opened(folder: Path, kind: str, url: str) -> Channels:
    path = folder / "channels.yaml"
    path.write_text(f"channels:\n  - name: it\n    kind: {kind}\n    timeout: 20\n    url: {url}\n", encoding="utf-8")
    return Channels(load_channels(path, {}), folder, VirtualClock(NOON))


@pytest.mark.parametrize(
    ("kind", "url", "reason"),
    [
        ("mail", "hmail://smtp.example.com:99999/?from=a@example.com", PORT),
        ("mail", "hmail://smtp.example.com:0/?from=a@example.com", PORT),
        ("mail", "hmail://smtp.example.com:2s/?from=a@example.com", SPELLING),
        ("web", "hjson://oa.example.com:65536/hook", PORT),
        ("web", "hjson://oa.example.com:65536/{to}", PORT),
        ("apprise", "json://oa.example.com:65536/hook", PORT),
        ("apprise", "json://oa.example.com:65536/{to}", PORT),
        ("mail", "hmail://smtp.example.com/?from=a@example.com&nane=x", "网址问号后面第2个参数不认识；最接近的是“name”"),
        (
            "web",
            "hjson://oa.example.com/{to}?s3cret",
            "网址问号后面第1个参数不认识；现有：verify；交给对方的写成 -名称=值（网址参数）或 +名称=值（请求头）",
        ),
        ("wecom", "hwecom://0123456789?limit=9", "网址问号后面第1个参数不认识；现有：verify、via"),
    ],
)
def test_url_that_cannot_be_used_is_refused_at_its_line(tmp_path: Path, kind: str, url: str, reason: str) -> None:
    with pytest.raises(ChannelConfigError) as caught:
        opened(tmp_path, kind, url)
    (problem,) = caught.value.problems
    assert (problem.line, problem.field, problem.reason) == (5, "url", reason)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "url"),
    [
        ("mail", "hmail://smtp.example.com:65535/?from=a@example.com&name=x&tls=starttls&verify=no&user=u&pass=p"),
        ("web", "hjson://oa.example.com/{to}?+Authorization=x&-key=y&verify=no"),
        ("wecom", "hwecom://{to}?via=https://gateway.example.com:8443"),
        ("apprise", "json://oa.example.com/hook?method=POST"),
        ("apprise", "tgram://123456789:abcdefghijklmnopqrstuvwxyzabcdefghi/{to}"),
    ],
)
def test_url_whose_parameters_somebody_reads_is_taken(tmp_path: Path, kind: str, url: str) -> None:
    assert opened(tmp_path, kind, url).names == ("it",)
