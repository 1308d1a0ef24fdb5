#!/bin/bash
# kill -9 at random moments of every step that writes a file, then the same command again: it must end with the file of an
# undisturbed run, and what the killed run left must be refused by whoever reads it.
# Writes Documentation/results/kill.md. Usage: Benchmarks/kill.sh [KILLS [EVENTS]] (default: 10 kills, 4000 events)
set -euo pipefail
cd "$(dirname "$0")/.."
kills=${1:-10} events=${2:-4000}
airshower=${AIRSHOWER_BINARY:-$PWD/.build/release/airshower}
export AIRSHOWER_TABLES=$PWD/tables
same=$PWD/Benchmarks/same-content.py
networks=$PWD/Benchmarks/same-network.py
result=$PWD/Documentation/results/kill.md
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
RANDOM=${SEED:-8}

fail() {
  echo "kill.sh: $*" >&2
  exit 1
}

# One step: an undisturbed run, then kills at moments spread over its time, one in each tenth.
step() {
  local output=$1
  shift
  local begin end span left=0 before=0 ended=0
  begin=$(date +%s%N)
  "$airshower" "$@" --quiet --output "$output"
  end=$(date +%s%N)
  span=$((end - begin))
  mv "$output" "whole-$output"
  for ((index = 0; index < kills; index++)); do
    local moment=$((span * (index * 1000 + RANDOM % 1000) / (1000 * kills)))
    "$airshower" "$@" --quiet --output "$output" &
    local process=$!
    sleep "$(awk "BEGIN { print $moment / 1e9 }")"
    kill -9 $process 2>/dev/null || true
    wait $process 2>/dev/null || true
    if [ -e "$output" ]; then
      ended=$((ended + 1))
      # It was faster than the undisturbed run: then the file is whole.
      "$same" "whole-$output" "$output" || fail "$1 was killed, but its output has a name and other content"
    elif [ -e "$output.part" ]; then
      left=$((left + 1))
      local status=0
      "$airshower" inspect "$output.part" >/dev/null 2>reason || status=$?
      # All but the name was done.
      if [ $status = 0 ]; then
        "$same" "whole-$output" "$output.part" || fail "$output.part is read, but is not whole"
      elif [ $status != 65 ] || ! grep -q "was not finished" reason; then
        fail "$output.part: exit code $status, $(cat reason)"
      fi
    else
      before=$((before + 1))
    fi
    "$airshower" "$@" --quiet --overwrite --output "$output"
    "$same" "whole-$output" "$output" || fail "$1 again after kill $index: other content"
    [ ! -e "$output.part" ] || fail "$output.part was left by a run that ended well"
    rm "$output"
  done
  mv "whole-$output" "$output"
  awk -v n="$1" -v t="$span" -v k="$kills" -v l=$left -v b=$before -v e=$ended \
    'BEGIN { printf "| %s | %.1f | %d | %d | %d | %d | all the same |\n", n, t / 1e9, k, b, l, e }'
}

# Training: killed, it goes on from its checkpoint where there is one, and ends with the network of an undisturbed run.
train_step() {
  local begin end span checkpoint=0 before=0 ended=0
  local run=("$airshower" train reco.h5 --cuts none --spec set --epochs 3 --batch-size 64 --checkpoint-every 0.2 --history curve.csv
    --quiet --output network.pt)
  begin=$(date +%s%N)
  "${run[@]}"
  end=$(date +%s%N)
  span=$((end - begin))
  mv network.pt whole-network.pt
  cut -d, -f1-4 curve.csv >whole-curve
  for ((index = 0; index < kills; index++)); do
    local moment=$((span * (index * 1000 + RANDOM % 1000) / (1000 * kills)))
    rm -f curve.csv
    "${run[@]}" &
    local process=$!
    sleep "$(awk "BEGIN { print $moment / 1e9 }")"
    kill -9 $process 2>/dev/null || true
    wait $process 2>/dev/null || true
    if [ -e network.pt ]; then
      ended=$((ended + 1))
      "$networks" whole-network.pt network.pt || fail "train was killed, but its output has a name and other content"
      rm -f network.pt.checkpoint
    elif [ -e network.pt.checkpoint ]; then
      checkpoint=$((checkpoint + 1))
    else
      before=$((before + 1))
    fi
    "${run[@]}" --resume --overwrite
    "$networks" whole-network.pt network.pt || fail "train --resume after kill $index: another network"
    [ "$(cut -d, -f1-4 curve.csv)" = "$(cat whole-curve)" ] || fail "train --resume after kill $index: another curve"
    [ "$(echo network.pt*)" = network.pt ] || fail "train left $(echo network.pt*)"
    rm network.pt
  done
  awk -v t="$span" -v k="$kills" -v l=$checkpoint -v b=$before -v e=$ended \
    'BEGIN { printf "| train | %.1f | %d | %d | %d | %d | all the same |\n", t / 1e9, k, b, l, e }'
}

{
  echo "# kill -9 at random moments"
  echo
  echo "Made by \`Benchmarks/kill.sh $kills $events\` on $(date -u +%Y-%m-%d)."
  echo "Every step is killed at $kills moments, one in each part of its time, and run again. Contents are"
  echo "compared dataset by dataset, byte for byte. \`inspect\` refused unfinished files (exit 65), or they"
  echo "were whole except for their name. \`train --resume\` goes on from its checkpoint. Weights, description"
  echo "and learning curve of its network are those of the undisturbed run, bit for bit."
  echo
  echo "| step | undisturbed (s) | kills | before it began to write | left a .part or checkpoint | after it had ended | rerun against undisturbed |"
  echo "|---|---|---|---|---|---|---|"
  step events.h5 simulate --events "$events" --energy 1:100 --seed 8
  step reco.h5 reconstruct events.h5
  step corrected.h5 correct reco.h5
  train_step
} >table
mv table "$result"
cat "$result"
