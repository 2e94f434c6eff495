"""aiohttp as its documentation wants it: one session, 64 connections, 64 workers on one list.

Usage: python3 aiohttp_shared.py LIST.csv
"""

import asyncio
import sys

import aiohttp

IN_FLIGHT = 64


async def work(session, urls):
    size = 0
    for url in urls:
        async with session.get(url) as response:
            if response.status != 200:
                raise RuntimeError(f"status {response.status}")
            size += len(await response.read())
    return size


async def main(path):
    with open(path) as lines:
        urls = lines.read().split()[1:]
    rest = iter(urls)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=IN_FLIGHT)) as session:
        sizes = await asyncio.gather(*(work(session, rest) for _ in range(IN_FLIGHT)))
    print(f"{len(urls)} URLs, {sum(sizes)} bytes")


asyncio.run(main(sys.argv[1]))
