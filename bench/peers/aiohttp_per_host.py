"""aiohttp with a limit per host: a task for every URL from the start; the connector holds back what it cannot serve.

Workers that take the URLs in turn would all stand before the first host of a sorted list.

Usage: python3 aiohttp_per_host.py LIST.csv LIMIT LIMIT_PER_HOST
"""

import asyncio
import sys

import aiohttp


async def fetch(session, url):
    async with session.get(url) as response:
        if response.status != 200:
            raise RuntimeError(f"status {response.status}")
        return len(await response.read())


async def main(path, limit, limit_per_host):
    with open(path) as lines:
        urls = lines.read().split()[1:]
    connector = aiohttp.TCPConnector(limit=limit, limit_per_host=limit_per_host)
    # By default a task has five minutes, its wait for a connection included.
    timeout = aiohttp.ClientTimeout(total=None)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
        sizes = await asyncio.gather(*(fetch(session, url) for url in urls))
    print(f"{len(urls)} URLs, {sum(sizes)} bytes")


asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
