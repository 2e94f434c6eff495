#!/usr/bin/env bash
# Looks up the companies of companies.csv (id,name) at the API, and lists all their orders, which come in pages. The key
# is in key.txt, as a header.
set -euo pipefail
api=${API:?its address}

# What the API knows of a company, beside its row.
urlmill -q --ordered -H @key.txt --url-template "$api/companies/{id}" \
  --columns status,error,attempts --json city=city --json employees=employees -o enriched.csv companies.csv

# The first page of the orders tells how many there are.
orders() {
  urlmill -q -H @key.txt --columns status,error --json pages=pages --json orders=orders --fail-on 0 \
    --output-format jsonl --url-template "$api/companies/{id}/orders?page=$1" "$2"
}
orders 1 companies.csv > first.jsonl
jq -c '. as {$id} | range(2; .pages + 1) | {id: $id, page: .}' first.jsonl > pages.jsonl
orders '{page}' pages.jsonl > others.jsonl

{
  echo id,number,total
  jq -r '.id as $id | .orders[] | [$id, .number, .total] | @csv' first.jsonl others.jsonl
} > orders.csv
