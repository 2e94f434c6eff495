#!/usr/bin/env bash
# What is behind the hosts of hosts.txt: a line of JSON for each, the newest certificates last.
set -euo pipefail

urlmill -q --default-scheme https,http --columns status,error,url,hops,server,tls_version,cert_days \
  --extract title --response-header hsts=strict-transport-security --output-format jsonl hosts.txt |
  jq -c '{
    host: .url,
    up: (.fetch_status != null),
    status: .fetch_status,
    why: .fetch_error,
    https: ((.fetch_url // "") | startswith("https:")),
    redirects: ((.fetch_hops // []) | length - 1),
    hsts: (.hsts != null),
    server: .fetch_server,
    days: .fetch_cert_days,
    title: .fetch_title
  }' | jq -c -s 'sort_by(.days)[]' > hosts.jsonl

# How many are up, and how many of them by https.
jq -s '{hosts: length, up: map(select(.up)) | length, https: map(select(.up and .https)) | length}' hosts.jsonl
