#!/usr/bin/env bash
# Fetches a list that takes days, in pieces, as the machine is needed for other things in between. It may be stopped or
# killed at any time, and goes on where it was.
set -euo pipefail

status=6
while [ "$status" -eq 6 ]; do
  status=0
  urlmill -q --resume --time-limit "${PIECE:-8h}" --per-host 50 --columns status,error \
    -o results.csv.gz list.csv.gz || status=$?
done
exit "$status"
