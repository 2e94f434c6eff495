#!/usr/bin/env bash
# Checks the links of links.csv (page,link). Writes
#   broken.csv        where a broken link stands, and why it is one
#   moved.csv         links that have moved for good, and where to
#   certificates.csv  hosts whose certificate is wrong or ends within 30 days
set -euo pipefail

columns=status,error,url,first_status,hops,cert_days,cert_fault
urlmill -q --head --once -u link --columns "$columns" -o checked.jsonl links.csv

jq -r 'select(.fetch_error or .fetch_status >= 400)
  | [.page, .link, .fetch_error // .fetch_status] | @csv' checked.jsonl | sort > broken.csv

jq -r 'select((.fetch_first_status == 301 or .fetch_first_status == 308) and .fetch_status < 400)
  | [.page, .link, .fetch_hops[1].url] | @csv' checked.jsonl | sort > moved.csv

jq -r 'select(.fetch_cert_fault or (.fetch_cert_days != null and .fetch_cert_days < 30))
  | [(.link | capture("^https://(?<host>[^/:]+)").host), .fetch_cert_days, .fetch_cert_fault]
  | @csv' checked.jsonl | sort -u > certificates.csv
