// Finds and loads the library with libtorch behind it.
#define _GNU_SOURCE
#include "CTorch.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

#define TEXT_OF(symbol) #symbol
#define TEXT(symbol) TEXT_OF(symbol)

static const char *const name = "libairshower-torch.so";

// From ../lib/airshower, as `make install` puts it; the program's own folder is in its run path.
static void *open_installed(void) {
  char path[4096];
  ssize_t length = readlink("/proc/self/exe", path, sizeof path - 64);
  if (length <= 0) return NULL;
  path[length] = 0;
  char *slash = strrchr(path, '/');
  if (!slash) return NULL;
  snprintf(slash, (size_t)(path + sizeof path - slash), "/../lib/airshower/%s", name);
  return access(path, R_OK) == 0 ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;
}

const ctorch_functions *ctorch_open(char *message, size_t capacity) {
  void *library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
  char reason[1024] = "";
  if (!library) {
    snprintf(reason, sizeof reason, "%s", dlerror());
    library = open_installed();
  }
  const ctorch_functions *(*engine)(void) = NULL;
  if (library) *(void **)&engine = dlsym(library, TEXT(CTORCH_ENGINE));
  if (engine) return engine();
  const char *latest = dlerror();
  snprintf(message, capacity, "%s", latest ? latest : reason);
  return NULL;
}

void ctorch_keep_freed_memory(void) {
#ifdef __GLIBC__
  mallopt(M_TRIM_THRESHOLD, 2000000000);
  mallopt(M_TOP_PAD, 256 << 20);
  mallopt(M_MMAP_MAX, 0);
#endif
}

void ctorch_share_memory(void) {
#ifdef __GLIBC__
  mallopt(M_ARENA_MAX, 1);
#endif
}
