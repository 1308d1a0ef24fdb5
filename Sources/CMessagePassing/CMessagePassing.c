// Finds and loads the library with MPI behind it.
#define _GNU_SOURCE
#include "CMessagePassing.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const name = "libairshower-mpi.so";

// Global, since the plug-ins of OpenMPI look for its symbols.
static void *open_file(const char *path, char *reason, size_t capacity) {
  void *library = dlopen(path, RTLD_NOW | RTLD_GLOBAL);
  if (!library) snprintf(reason, capacity, "%s", dlerror());
  return library;
}

// In a folder relative to that of the program.
static void *open_beside(const char *folder, char *reason, size_t capacity) {
  char path[4096];
  ssize_t length = readlink("/proc/self/exe", path, sizeof path - 64);
  if (length <= 0) return NULL;
  path[length] = 0;
  char *slash = strrchr(path, '/');
  if (!slash) return NULL;
  snprintf(slash, (size_t)(path + sizeof path - slash), "/%s%s", folder, name);
  return access(path, R_OK) == 0 ? open_file(path, reason, capacity) : NULL;
}

const cmp_functions *cmp_open(char *message, size_t capacity) {
  snprintf(message, capacity, "%s is not there", name);
  const char *given = getenv("AIRSHOWER_MPI");
  void *library = given ? open_file(given, message, capacity) : open_beside("", message, capacity);
  if (!library && !given) library = open_beside("../lib/airshower/", message, capacity);
  if (!library) return NULL;
  const cmp_functions *(*engine)(void) = NULL;
  *(void **)&engine = dlsym(library, "airshower_mpi");
  if (engine) return engine();
  snprintf(message, capacity, "%s", dlerror());
  return NULL;
}
