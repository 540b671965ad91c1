#!/usr/bin/env bash
# Makes the folder of kubectl's plugin that the container image serves under /cli/: all platforms' zips, checksums and manifests.
#
#   deploy/cli.sh <checkout> <folder>
#
# Needs Node and npm, and the npm registry; no root.
set -euo pipefail

checkout=$(cd "$1" && pwd)
mkdir -p "$2"
target=$(cd "$2" && pwd)

cd "$checkout"
npx --yes bun@1.4.5 install --frozen-lockfile
node_modules/.bin/node cli/build/release.ts --to="$target"
