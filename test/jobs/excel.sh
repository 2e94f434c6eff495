#!/usr/bin/env bash
# shops.csv was saved by Excel. Writes shops-checked.csv for Excel: open it, look, save it; it may come back as it is.
set -euo pipefail
encoding=${1:-utf-8}

urlmill -q --ordered --encoding "$encoding" --columns status,error --extract title --excel \
  -o shops-checked.csv shops.csv
