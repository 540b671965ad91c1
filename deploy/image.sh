#!/usr/bin/env bash
# Makes the folder that the container image serves from: the hub as one file beside its sources, its production packages and
# the built portal.
# The Dockerfile calls it, and so does the test that starts a hub from such a folder.
#
#   deploy/image.sh <checkout> <empty folder>
#
# Needs Node and npm, and the npm registry; no root.
set -euo pipefail

checkout=$(cd "$1" && pwd)
mkdir -p "$2"
target=$(cd "$2" && pwd)
if [ -n "$(ls -A "$target")" ]; then
  echo "image.sh: $target is not empty: name an empty folder." >&2
  exit 1
fi

bun() { npx --yes bun@1.4.5 "$@"; }

build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT

echo "image.sh: building the portal and the hub"
tar -C "$checkout" --exclude=node_modules --exclude=dist --exclude=.git --exclude=./data --exclude=./credentials -cf - . |
  tar -C "$build" -xf -
cd "$build"
bun install --frozen-lockfile
node_modules/.bin/node node_modules/.bin/vite build frontend
node_modules/.bin/node node_modules/.bin/vite build backend

echo "image.sh: copying what runs"
for workspace in . backend frontend shared cli demo bench; do
  mkdir -p "$target/$workspace"
  cp "$workspace/package.json" "$target/$workspace/"
done
cp -R bun.lock patches "$target/"
cp -R backend/src backend/dist backend/migrations "$target/backend/"
cp -R shared/src "$target/shared/"
cp -R frontend/dist "$target/frontend/"
mkdir -p "$target/deploy/kubernetes"
cp -R deploy/kubernetes/instance-rbac deploy/kubernetes/instance-rbac-impersonate "$target/deploy/kubernetes/"
find "$target/backend/src" "$target/shared/src" -name '*.test.ts' -delete

echo "image.sh: installing the packages that production needs"
cd "$target"
bun install --frozen-lockfile --production --filter @hub/backend --filter @hub/shared
rm -rf cli demo bench patches frontend/package.json
