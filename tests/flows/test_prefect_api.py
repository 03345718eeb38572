import pytest

from flows import prefect_api


async def test_without_server_nothing_is_started_and_sentence_says_so() -> None:
    assert not prefect_api.has_server()
    with pytest.raises(prefect_api.NoServer, match="没有连接 Prefect 服务"):
        await prefect_api.write_markdown_artifact("x", "x")
    with pytest.raises(prefect_api.NoServer):
        await prefect_api.emit_event("x", {"prefect.resource.id": "x"})
