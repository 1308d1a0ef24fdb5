#!/bin/sh
# build-commit.sh REPOSITORY FILE: writes the commit of a repository as Swift, where it is not there already.
# Without git, or outside a repository, the build is unknown.
commit=$(git -C "$1" rev-parse --short=12 HEAD 2>/dev/null)
modified=false
[ -z "$commit" ] || [ -z "$(git -C "$1" status --porcelain --untracked-files=no 2>/dev/null)" ] || modified=true
if [ -n "$commit" ]; then commit="\"$commit\""; else commit=nil; fi
text="let builtCommit: String? = $commit
let builtFromModifiedFiles = $modified"
[ "$(cat "$2" 2>/dev/null)" = "$text" ] || printf '%s\n' "$text" > "$2"
