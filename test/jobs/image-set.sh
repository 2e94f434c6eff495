#!/usr/bin/env bash
# Fetches the images of images.csv (id,url) into the folder images, each named by its id. Killed, some hosts were down, or more
# lines in the list? Run it again.
set -euo pipefail

urlmill -q --save-bodies images --save-as '{id}{ext}' --save-when 'status=200,type=image/*' --skip-saved \
  --columns status,error,type -o fetched.jsonl images.csv
