// libairshower-mpi.so: the functions of CMessagePassing.h on MPI. Compiled by `make mpi` with the wrapper of the MPI in
// use (mpicc, or MPICC=cc on machines that call it so), not by SwiftPM.
#define _POSIX_C_SOURCE 200809L

#include "CMessagePassing.h"

#include <mpi.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

// MPI counts in int: long arrays go in parts.
enum { PART = 1 << 28 };

static int begin(void) {
  int provided = 0;
  if (MPI_Init_thread(NULL, NULL, MPI_THREAD_SERIALIZED, &provided) != MPI_SUCCESS) return 1;
  return provided < MPI_THREAD_SERIALIZED;
}

static void end(void) { MPI_Finalize(); }

static int rank(void) {
  int value = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &value);
  return value;
}

static int size(void) {
  int value = 1;
  MPI_Comm_size(MPI_COMM_WORLD, &value);
  return value;
}

// Those that wait sleep: MPI's own barrier keeps their processors busy, which the last one to come may want.
static void barrier(void) {
  MPI_Request request;
  MPI_Ibarrier(MPI_COMM_WORLD, &request);
  struct timespec pause = {.tv_nsec = 20000};
  for (;;) {
    int done = 0;
    MPI_Test(&request, &done, MPI_STATUS_IGNORE);
    if (done) return;
    nanosleep(&pause, NULL);
    if (pause.tv_nsec < 5000000) pause.tv_nsec *= 2;
  }
}

static void sum(void *values, size_t count, size_t width, MPI_Datatype type) {
  for (size_t done = 0; done < count; done += PART) {
    size_t part = count - done < PART ? count - done : PART;
    MPI_Allreduce(
        MPI_IN_PLACE, (char *)values + done * width, (int)part, type, MPI_SUM, MPI_COMM_WORLD);
  }
}

static void sum_floats(float *values, size_t count) {
  sum(values, count, sizeof(float), MPI_FLOAT);
}

static void sum_doubles(double *values, size_t count) {
  sum(values, count, sizeof(double), MPI_DOUBLE);
}

static void broadcast(void *bytes, size_t count, int root) {
  for (size_t done = 0; done < count; done += PART) {
    size_t part = count - done < PART ? count - done : PART;
    MPI_Bcast((char *)bytes + done, (int)part, MPI_BYTE, root, MPI_COMM_WORLD);
  }
}

static void gather_counts(int64_t count, int64_t *counts) {
  MPI_Gather(&count, 1, MPI_INT64_T, counts, 1, MPI_INT64_T, 0, MPI_COMM_WORLD);
}

static void gather(const void *bytes, size_t count, void *all, const int64_t *counts) {
  if (rank() != 0) {
    for (size_t done = 0; done < count; done += PART) {
      size_t part = count - done < PART ? count - done : PART;
      MPI_Send((const char *)bytes + done, (int)part, MPI_BYTE, 0, 0, MPI_COMM_WORLD);
    }
    return;
  }
  char *target = all;
  memcpy(target, bytes, count);
  target += count;
  for (int source = 1; source < size(); source++) {
    for (int64_t done = 0; done < counts[source]; done += PART) {
      int64_t part = counts[source] - done < PART ? counts[source] - done : PART;
      MPI_Recv(
          target, (int)part, MPI_BYTE, source, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
      target += part;
    }
  }
}

static void abort_all(int status) { MPI_Abort(MPI_COMM_WORLD, status); }

static void version(char *text, size_t capacity) {
  char all[MPI_MAX_LIBRARY_VERSION_STRING] = "";
  int length = 0;
  MPI_Get_library_version(all, &length);
  all[strcspn(all, ",\n")] = 0;
  snprintf(text, capacity, "%s", all);
}

const cmp_functions *airshower_mpi(void) {
  static const cmp_functions functions = {
      begin,     end,           rank,   size,      barrier, sum_floats, sum_doubles,
      broadcast, gather_counts, gather, abort_all, version,
  };
  return &functions;
}
