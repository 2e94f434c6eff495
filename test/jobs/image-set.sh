#!/usr/bin/env bash
# Fetches the images of images.csv (id,url) into the folder images, each named by its id. Killed? Run it again.
set -euo pipefail

urlmill -q --resume --save-bodies bodies --columns status,error,type -o fetched.jsonl images.csv

mkdir -p images
jq -r 'select(.fetch_file and .fetch_status == 200) | [.id, .fetch_file, .fetch_type] | @tsv' fetched.jsonl |
  while IFS=$'\t' read -r id file type; do
    ln -f "bodies/$file" "images/$id.${type#image/}"
  done
