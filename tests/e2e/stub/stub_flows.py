import asyncio
import os
import signal

from prefect import flow, get_run_logger

from flows import prefect_api


@flow
async def greet(name: str = "张*") -> str:
    get_run_logger().info("%s %s", name, os.environ["HALLMARK_HOME"])
    return name


@flow
async def linger(seconds: float = 600) -> None:
    await asyncio.sleep(seconds)


@flow
async def shout() -> None:
    await prefect_api.emit_event("hallmark.stub.shouted", {"prefect.resource.id": "hallmark.stub"})


@flow
async def stumble() -> None:
    raise RuntimeError("stumbled")


@flow
async def vanish() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
