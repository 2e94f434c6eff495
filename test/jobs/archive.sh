#!/usr/bin/env bash
# Archives the pages of pages.csv, with what they were asked and all their headers, into a WARC file. Killed? Run it again.
set -euo pipefail

urlmill -q --resume --save-bodies archive --save-format warc --columns status,error,url,sha256 -o archived.csv pages.csv
if command -v warcio > warcio.path; then warcio check archive/*.warc.gz; fi
