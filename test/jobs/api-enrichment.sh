#!/usr/bin/env bash
# Looks up the companies of companies.csv (id,name) at the API, and lists all their orders, which come in pages. The key
# is in key.txt, as a header.
set -euo pipefail
api=${API:?its address}

# What the API knows of a company, beside its row.
urlmill -q --ordered -H @key.txt --url-template "$api/companies/{id}" \
  --columns status,error,attempts --json city=city --json employees=employees -o enriched.csv companies.csv

# A line for each order, however many pages they are on; none is to lack.
urlmill -q --ordered --resume -H @key.txt --url-template "$api/companies/{id}/orders" \
  --next header:link --max-pages 1000 --json 'order*=orders' --explode order --fail-on 0 \
  --columns status,error,page,next -o orders.jsonl companies.csv

{
  echo id,number,total
  jq -r '.id as $id | .order | select(. != null) | [$id, .number, .total] | @csv' orders.jsonl
} > orders.csv
