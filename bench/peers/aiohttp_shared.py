"""aiohttp as its documentation wants it: one session, a pool of connections, as many workers on one list.

Usage: python3 aiohttp_shared.py LIST.csv [IN_FLIGHT]
"""

import asyncio
import sys

import aiohttp


async def work(session, urls):
    size = 0
    for url in urls:
        async with session.get(url) as response:
            if response.status != 200:
                raise RuntimeError(f"status {response.status}")
            size += len(await response.read())
    return size


async def main(path, in_flight=64):
    with open(path) as lines:
        urls = lines.read().split()[1:]
    rest = iter(urls)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=in_flight)) as session:
        sizes = await asyncio.gather(*(work(session, rest) for _ in range(in_flight)))
    print(f"{len(urls)} URLs, {sum(sizes)} bytes")


asyncio.run(main(sys.argv[1], *map(int, sys.argv[2:])))
