#!/usr/bin/env bash
# The addresses in access.log (a line: time, client, address): each once, in four parts at the same time, and a table of
# what they answer.
set -euo pipefail

awk -F '\t' '{ print $3 }' access.log | sort -u > addresses.txt
split -n l/4 addresses.txt part-

running=()
for part in part-??; do
  urlmill -q --columns status,error,ms -o "$part.csv" "$part" &
  running+=("$!")
done
for id in "${running[@]}"; do wait "$id"; done

# One file of the four, with one header.
awk 'FNR > 1 || NR == 1' part-??.csv > answers.csv

awk -F , 'NR > 1 { count[$3 != "" ? $3 : $2]++ } END { for (what in count) print count[what], what }' answers.csv |
  sort -k1,1nr -k2 > table.txt

# The same from JSON Lines, and by Miller where it is there.
urlmill -q --columns status,error --output-format jsonl < addresses.txt |
  jq -r '.fetch_error // .fetch_status' | sort | uniq -c | awk '{ print $1, $2 }' |
  sort -k1,1nr -k2 > again.txt
if command -v mlr > mlr.path; then
  mlr --icsv --onidx put -q '@n[is_empty($fetch_error) ? $fetch_status : $fetch_error] += 1; end { emit @n, "what" }' \
    then reorder -e -f what then sort -nr n -f what answers.csv > miller.txt
fi
