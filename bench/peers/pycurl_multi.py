"""pycurl's multi interface with a pool of handles, as its documentation has it.

Usage: python3 pycurl_multi.py LIST.csv LIMIT [CACERT]

A name like h7.bench.test gets its address from here, for libcurl cannot be told a name server without c-ares.
"""

import re
import sys
from urllib.parse import urlsplit

import pycurl


def resolved(url):
    parts = urlsplit(url)
    number = re.fullmatch(r"h(\d+)\.bench\.test", parts.hostname)
    if number is None:
        return []
    n = int(number.group(1))
    return [f"{parts.hostname}:{parts.port}:127.1.{n >> 8}.{n & 255}"]


def main(path, limit, cacert=None):
    with open(path) as lines:
        urls = iter(lines.read().split()[1:])
    sizes = 0
    count = 0

    def take(data):
        nonlocal sizes
        sizes += len(data)

    def start(handle):
        url = next(urls, None)
        if url is None:
            return False
        handle.setopt(pycurl.URL, url)
        handle.setopt(pycurl.RESOLVE, resolved(url))
        multi.add_handle(handle)
        return True

    multi = pycurl.CurlMulti()
    # By default it keeps four times as many connections as there are handles.
    multi.setopt(pycurl.M_MAXCONNECTS, int(limit))
    running = 0
    for _ in range(int(limit)):
        handle = pycurl.Curl()
        handle.setopt(pycurl.WRITEFUNCTION, take)
        handle.setopt(pycurl.NOSIGNAL, 1)
        if cacert is not None:
            handle.setopt(pycurl.CAINFO, cacert)
            # Debian's GnuTLS would read all of /etc/ssl/certs besides, for each connection.
            handle.unsetopt(pycurl.CAPATH)
        running += start(handle)
    while running > 0:
        while multi.perform()[0] == pycurl.E_CALL_MULTI_PERFORM:
            pass
        left = 1
        while left > 0:
            left, done, failed = multi.info_read()
            for handle, code, message in failed:
                raise RuntimeError(f"{handle.getinfo(pycurl.EFFECTIVE_URL)}: {code} {message}")
            for handle in done:
                if handle.getinfo(pycurl.RESPONSE_CODE) != 200:
                    raise RuntimeError(f"status {handle.getinfo(pycurl.RESPONSE_CODE)}")
                count += 1
                multi.remove_handle(handle)
                running += start(handle) - 1
        if running > 0:
            multi.select(1.0)
    print(f"{count} URLs, {sizes} bytes")


main(*sys.argv[1:])
