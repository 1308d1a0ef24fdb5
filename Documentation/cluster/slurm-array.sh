#!/bin/bash
# The chain of a million events as an array of independent jobs: sbatch slurm-array.sh
# Then, when all have ended well:
#   airshower merge corrected-*.h5 --output corrected.h5 && rm events-*.h5 reco-*.h5 corrected-*.h5
#SBATCH --job-name=airshower
#SBATCH --array=1-50
#SBATCH --cpus-per-task=4
#SBATCH --mem=2G
#SBATCH --time=02:00:00
#SBATCH --output=airshower-%a.log
set -euo pipefail
part=$SLURM_ARRAY_TASK_ID
parts=$SLURM_ARRAY_TASK_COUNT
threads=${SLURM_CPUS_PER_TASK:-1}

# A job that was requeued begins again: --overwrite replaces what an earlier try has completed.
airshower simulate --events 1000000 --energy 1:300 --seed 1 --shard "$part/$parts" \
  --threads "$threads" --overwrite --output "events-$part.h5"
airshower reconstruct "events-$part.h5" --threads "$threads" --overwrite --output "reco-$part.h5"
airshower correct "reco-$part.h5" --threads "$threads" --overwrite --output "corrected-$part.h5"
