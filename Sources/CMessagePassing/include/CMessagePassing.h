// Messages between the processes of one run, for Swift. Knows neither air showers nor MPI's types.
//
// The functions live in a library of their own, libairshower-mpi.so (Sources/MPIEngine), that is loaded when the
// program is started by mpirun. Every MPI has another binary interface, and a laptop has none: the library is compiled
// by the compiler wrapper of the MPI in use, and nothing else depends on it. An error of MPI ends the run.
#pragma once
#include <stddef.h>
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  // Begins; messages are sent by one thread at a time. Returns 0, or else no message can be sent.
  int (*begin)(void);
  void (*end)(void);
  int (*rank)(void);
  int (*size)(void);
  // Returns when all ranks have called it; those that wait leave their processors to others.
  void (*barrier)(void);
  // Sums over all ranks, in place.
  void (*sum_floats)(float *values, size_t count);
  void (*sum_doubles)(double *values, size_t count);
  // Copies the bytes of one rank to all.
  void (*broadcast)(void *bytes, size_t count, int root);
  // The bytes of all ranks one after the other at rank 0; `counts` [size] are those of every rank, known at rank 0.
  void (*gather_counts)(int64_t count, int64_t *counts);
  void (*gather)(const void *bytes, size_t count, void *all, const int64_t *counts);
  // Ends all processes of the run.
  void (*abort)(int status);
  // Name and version of the library behind.
  void (*version)(char *text, size_t capacity);
} cmp_functions;

// The functions, from the library $AIRSHOWER_MPI, else from beside the program or ../lib/airshower; NULL with the reason where there are none.
const cmp_functions *cmp_open(char *message, size_t capacity);

// The processors that the calling thread may run on, one bit each; 0 where the system tells them.
int cmp_processors(uint64_t *words, size_t count);
// Binds the calling thread to processors, and the threads that it starts from now on; 0 where the system does.
int cmp_bind(const uint64_t *words, size_t count);

#ifdef __cplusplus
}
#endif
