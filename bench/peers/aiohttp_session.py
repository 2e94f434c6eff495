"""aiohttp as many a tutorial of asyncio has it: a task and a session for every URL, a semaphore around it.

Usage: python3 aiohttp_session.py LIST.csv
"""

import asyncio
import sys

import aiohttp

IN_FLIGHT = 64


async def fetch(url, semaphore):
    async with semaphore:
        async with aiohttp.ClientSession() as session:
            async with session.get(url) as response:
                if response.status != 200:
                    raise RuntimeError(f"status {response.status}")
                return len(await response.read())


async def main(path):
    with open(path) as lines:
        urls = lines.read().split()[1:]
    semaphore = asyncio.Semaphore(IN_FLIGHT)
    sizes = await asyncio.gather(*(fetch(url, semaphore) for url in urls))
    print(f"{len(urls)} URLs, {sum(sizes)} bytes")


asyncio.run(main(sys.argv[1]))
