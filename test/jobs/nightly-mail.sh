#!/usr/bin/env bash
# From cron, every night: fetches list.csv of a folder, and mails what has changed since the night before. Nothing is
# mailed when nothing has; what goes wrong is printed, and cron mails that.
set -euo pipefail
cd "${1:?the folder}"

# What the mail compares with. A night that was cut short left it as it was.
[ ! -e links.csv ] || cp links.csv before.csv
urlmill -q --resume --since links.csv --extract title --summary summary.json -o links.csv list.csv
[ -e before.csv ] || exit 0

urlmill diff -q --columns status,error,title -o diff.jsonl before.csv links.csv
[ -s diff.jsonl ] || exit 0
urlmill report -q --since before.csv -o report.html links.csv

{
  jq -r '"\(.rows) links, of which \(.failed) fail."' summary.json
  echo
  jq -r 'def told(status; error; title): [error // status, title] | map(select(. != null)) | join(" ");
    "\(.change): \(.url)",
    "  was \(told(.fetch_status_before; .fetch_error_before; .fetch_title_before))",
    "  is  \(told(.fetch_status_after; .fetch_error_after; .fetch_title_after))"' diff.jsonl
} | mail -s "links: $(wc -l < diff.jsonl) changes" team@example.org
