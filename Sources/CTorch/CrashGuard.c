// While a network runs for the first time: crashes end the process with a message, and memory is limited.
#include "CTorch.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { UNUSABLE_INPUT = 65 };

static const int crashes[] = {SIGFPE, SIGSEGV, SIGBUS, SIGILL, SIGABRT};
enum { CRASHES = sizeof crashes / sizeof *crashes };

static char text[4096];
static char working_file[4096];
static struct sigaction earlier[CRASHES];
static struct rlimit earlier_memory;

static void end(int number) {
  (void)number;
  ssize_t written = write(STDERR_FILENO, text, strlen(text));
  (void)written;
  if (working_file[0]) unlink(working_file);
  _exit(UNUSABLE_INPUT);
}

static unsigned long long address_space(void) {
  unsigned long long pages = 0;
  FILE *sizes = fopen("/proc/self/statm", "r");
  if (!sizes) return 0;
  if (fscanf(sizes, "%llu", &pages) != 1) pages = 0;
  fclose(sizes);
  return pages * (unsigned long long)sysconf(_SC_PAGESIZE);
}

void ctorch_guard_crashes(const char *message, uint64_t memory, const char *part) {
  snprintf(working_file, sizeof working_file, "%s", part ? part : "");
  snprintf(text, sizeof text, "%s", message);
  struct sigaction action = {.sa_handler = end};
  for (int i = 0; i < CRASHES; ++i) sigaction(crashes[i], &action, &earlier[i]);
  getrlimit(RLIMIT_AS, &earlier_memory);
  unsigned long long used = address_space();
  struct rlimit limit = earlier_memory;
  if (memory > 0 && used > 0 && used + memory < limit.rlim_cur) {
    limit.rlim_cur = used + memory;
    setrlimit(RLIMIT_AS, &limit);
  }
}

void ctorch_end_guard(void) {
  setrlimit(RLIMIT_AS, &earlier_memory);
  for (int i = 0; i < CRASHES; ++i) sigaction(crashes[i], &earlier[i], NULL);
}
