#!/bin/bash
# One part of the chain, in the folder of an HTCondor job. Usage: htcondor-part.sh PART PARTS
set -euo pipefail
part=$1 parts=$2
threads=${OMP_NUM_THREADS:-1}

airshower simulate --events 1000000 --energy 1:300 --seed 1 --shard "$part/$parts" \
  --threads "$threads" --output events.h5
airshower reconstruct events.h5 --threads "$threads" --output reco.h5
airshower correct reco.h5 --threads "$threads" --output "corrected-$part.h5"
