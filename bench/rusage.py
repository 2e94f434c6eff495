"""Runs a command and writes what it cost to file descriptor 3, as one line of JSON.

A process started from a large parent inherits the parent's peak RSS as its own when it calls exec, so the
client is not started by the benchmark (Node, 100 MB) but by this small one; what is left of the effect is
reported as "floor".
"""

import json
import os
import subprocess
import sys
import time


def own_peak_kb():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))


start = time.monotonic()
process = subprocess.Popen(sys.argv[1:])
_, status, usage = os.wait4(process.pid, 0)
wall = time.monotonic() - start

report = {
    "wall": wall,
    "cpu": usage.ru_utime + usage.ru_stime,
    "peakRss": usage.ru_maxrss * 1024,
    "floor": own_peak_kb() * 1024,
    "exitCode": os.waitstatus_to_exitcode(status),
}
with os.fdopen(3, "w") as out:
    json.dump(report, out)
