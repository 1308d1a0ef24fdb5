# For the benchmarks that need more than Debian's Python; to be sourced in the folder of the repository.

# NAME PACKAGES...: the path of a Python in .venv/NAME that has the packages of pip, made at the first call.
environment() {
  local python=.venv/$1/bin/python
  [ -x "$python" ] || { python3 -m venv ".venv/$1" && "$python" -m pip install -q "${@:2}"; } >&2
  echo "$PWD/$python"
}
