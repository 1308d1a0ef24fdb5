#!/bin/bash
# `make install` into an empty folder; the program runs there with the toolchain of Swift hidden (root only) and completes
# names; manual pages are there; `make uninstall` leaves nothing.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
prefix=$work/prefix
fail() { echo "run-installed.sh: $*"; exit 1; }

make --no-print-directory install PREFIX="$prefix" > "$work/log" 2>&1 || { cat "$work/log"; fail "make install"; }
toolchain=$(dirname "$(ldd .build/release/airshower | awk '/libswiftCore/ { print $3 }')")
for file in "$prefix/bin/airshower" "$prefix"/lib/airshower/*.so*; do
  if readelf -d "$file" | grep -F "$toolchain"; then fail "$file looks for libraries in the toolchain"; fi
done
ldd "$prefix/bin/airshower" | grep -F "$prefix" | grep -q libswiftCore || fail "libswiftCore is not the one beside the program"

cat > "$work/trial.sh" <<'END'
set -euo pipefail
cd "$2"
unset AIRSHOWER_TABLES
airshower=$1/bin/airshower
"$airshower" simulate --events 20 --output events.h5 -q
"$airshower" reconstruct events.h5 --output reco.h5 -q
"$airshower" correct reco.h5 --network reference --output corrected.h5 -q
"$airshower" show corrected.h5 --output event.png > event.txt
END
if [ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null; then
  unshare -m bash -c 'mount -t tmpfs none "$1"; shift; bash "$@"' _ "$toolchain" "$work/trial.sh" "$prefix" "$work"
else
  bash "$work/trial.sh" "$prefix" "$work"
fi
[ -s "$work/event.png" ] || fail "no picture"
for page in airshower airshower-simulate airshower-compare; do
  gzip -dc "$prefix/share/man/man1/$page.1.gz" | grep -q '^\.Nd' || fail "no manual page $page"
done
for file in bash-completion/completions/airshower zsh/site-functions/_airshower fish/vendor_completions.d/airshower.fish; do
  [ -s "$prefix/share/$file" ] || fail "no $file"
done

Packaging/release.sh "$("$prefix/bin/airshower" --version | sed -n '1s/ .*//p')" --dry-run

make --no-print-directory uninstall PREFIX="$prefix" > "$work/log" 2>&1 || { cat "$work/log"; fail "make uninstall"; }
left=$(find "$prefix" -mindepth 1 | head -n 5)
[ -z "$left" ] || fail "make uninstall left: $left"
echo "make install: runs without the toolchain; make uninstall leaves nothing"
