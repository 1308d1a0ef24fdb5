// Reads all metadata of an HDF5 file in a process of its own, which may crash, hang or ask for too much memory
// without harm to the caller.
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
  // All metadata were read.
  CHECK_SOUND = 0,
  // The file holds something that is not supported, or HDF5 could not read an object.
  CHECK_UNSUPPORTED = 1,
  CHECK_DAMAGED = 2,
  // HDF5 crashed, or wanted more memory than `memory` bytes.
  CHECK_CRASHED = 3,
  // HDF5 did not end in time.
  CHECK_TIMED_OUT = 4,
  // A signal from outside ended the check.
  CHECK_INTERRUPTED = 5,
  // The system gave no process, memory or pipe; errno tells why.
  CHECK_FAILED = 6,
} check_outcome;

typedef struct {
  // Processor time and time of the clock that the check may take [s].
  double processor_seconds;
  double clock_seconds;
  // Memory beside what the caller has [bytes].
  uint64_t memory;
} check_limits;

typedef struct {
  check_outcome outcome;
  // Path of the object that was read last.
  char place[1024];
  // Why it was refused, empty for a crash.
  char reason[1024];
  // Texts of variable length found in attributes, which the caller need not read itself. One after the other:
  // address of the object, bytes of the name, bytes of the text (uint64_t each), name, text.
  uint8_t *texts;
  size_t text_bytes;
} check_result;

// Checks a file. `result->texts` is to be freed with free().
void event_file_check(const char *path, const check_limits *limits, check_result *result);

#ifdef __cplusplus
}
#endif
