#!/bin/sh
# SPDX-License-Identifier: MIT
# markers.sh SOURCE-TREE - no half of a merge was left in a file.
set -eu
cd "$1"
if grep -rnE '^(<<<<<<<|\|\|\|\|\|\|\||>>>>>>>)( |$)' bench cli cmake docs examples include lib tests \
    ./*.md CMakeLists.txt --exclude-dir=corpus; then
    exit 1
fi
