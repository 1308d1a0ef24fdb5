// The processors that a thread may run on.
#define _GNU_SOURCE
#include "CMessagePassing.h"

#include <sched.h>
#include <string.h>

int cmp_processors(uint64_t *words, size_t count) {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  memset(words, 0, count * sizeof *words);
  memcpy(words, &set, count * sizeof *words < sizeof set ? count * sizeof *words : sizeof set);
  return 0;
}

int cmp_bind(const uint64_t *words, size_t count) {
  cpu_set_t set;
  CPU_ZERO(&set);
  memcpy(&set, words, count * sizeof *words < sizeof set ? count * sizeof *words : sizeof set);
  return sched_setaffinity(0, sizeof set, &set) != 0;
}
