import asyncio

from fleet_server.core.websocket_hub import BACKLOG, Hub


def test_a_console_that_does_not_keep_up_is_dropped_and_the_others_hear_on() -> None:
    async def scene() -> None:
        hub = Hub()
        hub.open(asyncio.get_running_loop())
        slow, quick = hub.join(), hub.join()
        for n in range(BACKLOG + 1):
            hub.publish("dogs", [n])
            await asyncio.wait_for(quick.queue.get(), 5)
        assert slow.behind.is_set()
        assert not quick.behind.is_set()
        assert hub.dropped == 1

    asyncio.run(scene())
