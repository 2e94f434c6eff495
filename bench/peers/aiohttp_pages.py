"""The pages scenario by hand in Python: one aiohttp session, sha256 of hashlib, the title by a regular expression.

Usage: python3 aiohttp_pages.py LIST.csv RESULT.jsonl
"""

import asyncio
import hashlib
import html
import json
import re
import sys

import aiohttp

IN_FLIGHT = 64
TITLE = re.compile(rb"<title[^>]*>(.*?)</title", re.IGNORECASE | re.DOTALL)


def title_of(body):
    match = TITLE.search(body)
    return html.unescape(match[1].decode("utf-8", "replace")) if match else ""


async def work(session, urls, out):
    for url in urls:
        async with session.get(url) as response:
            if response.status != 200:
                raise RuntimeError(f"status {response.status}")
            body = await response.read()
        row = {"url": url, "title": title_of(body), "sha256": hashlib.sha256(body).hexdigest()}
        out.write(json.dumps(row) + "\n")


async def main(path, result):
    with open(path) as lines:
        urls = iter(lines.read().split()[1:])
    with open(result, "w") as out:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=IN_FLIGHT)) as session:
            await asyncio.gather(*(work(session, urls, out) for _ in range(IN_FLIGHT)))


asyncio.run(main(sys.argv[1], sys.argv[2]))
