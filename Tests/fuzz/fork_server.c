// Many runs of one program that load its libraries once. Preloaded into airshower by limited_runs.py:
//
//   LD_PRELOAD=fork_server.so RUNS_LIBRARY=libairshower-torch.so airshower
//
// Libraries take 35 ms to load, libtorch a second; a run takes some ms. The program waits just before its main function.
// A request on standard input is the length of its words (4 bytes) and the words, each ended by a zero byte: the file for
// messages, the folder to run in, the most bytes of address space, then the command line. The program forks; the child calls the main function as
// if it had just been started. The answers on standard output are two numbers of 4 bytes: the child's process, and at its end
// its status as `wait` gives it.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

typedef int (*Main)(int, char **, char **);
static Main program;
static char **environment;

static void stop(const char *what) {
  perror(what);
  _exit(99);
}

// All of `size` bytes, or no run any more: the tests closed the pipe.
static void receive(void *bytes, size_t size) {
  for (size_t done = 0; done < size;) {
    ssize_t count = read(0, (char *)bytes + done, size - done);
    if (count <= 0) _exit(0);
    done += count;
  }
}

static void answer(int32_t number) {
  if (write(1, &number, 4) != 4) _exit(0);
}

// The child: standard streams and limits of a run of its own, then the program itself.
static int run(char *words, uint32_t size) {
  char *messages = words, *folder = messages + strlen(messages) + 1, *most = folder + strlen(folder) + 1;
  char *line = most + strlen(most) + 1;
  int count = 0;
  for (char *word = line; word < words + size; word += strlen(word) + 1) count++;
  char **arguments = calloc(count + 1, sizeof(char *));
  if (!arguments) stop("memory");
  count = 0;
  for (char *word = line; word < words + size; word += strlen(word) + 1) arguments[count++] = word;

  // A run that hangs ends with the test.
  if (prctl(PR_SET_PDEATHSIG, SIGKILL)) stop("signal");
  int nothing = open("/dev/null", O_RDWR), errors = open(messages, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (nothing < 0 || errors < 0) stop(messages);
  if (dup2(nothing, 0) < 0 || dup2(nothing, 1) < 0 || dup2(errors, 2) < 0) stop("streams");
  close(nothing);
  close(errors);
  if (chdir(folder)) stop(folder);
  struct rlimit limit = {strtoull(most, NULL, 10), strtoull(most, NULL, 10)};
  if (setrlimit(RLIMIT_AS, &limit)) stop("limit");
  // Swift reads the command line of the process, which is that of the server, unless it is told another.
  void (*tell)(char **, int) = dlsym(RTLD_DEFAULT, "_swift_stdlib_overrideUnsafeArgvArgc");
  if (!tell) stop("no Swift");
  tell(arguments, count);
  return program(count, arguments, environment);
}

static void *serve(void *nothing) {
  (void)nothing;
  for (;;) {
    uint32_t size;
    receive(&size, 4);
    char *words = malloc(size);
    if (!words) stop("memory");
    receive(words, size);
    pid_t child = fork();
    if (child < 0) stop("fork");
    if (child == 0) exit(run(words, size));
    free(words);
    answer(child);
    int status;
    if (waitpid(child, &status, 0) != child) stop("wait");
    answer(status);
  }
}

// In place of the main function. Requests are served, and children forked, by a thread of its own: the Swift runtime keeps the
// number of each thread that ran Swift, and libraries ran some in the first thread. A child of the first thread would lock with
// the number of its parent, and hang about once in a thousand runs.
static int start(int count, char **arguments, char **variables) {
  (void)count;
  (void)arguments;
  environment = variables;
  unsetenv("LD_PRELOAD");
  if (prctl(PR_SET_PDEATHSIG, SIGKILL)) stop("signal");
  const char *library = getenv("RUNS_LIBRARY");
  if (library && !dlopen(library, RTLD_NOW)) {
    fprintf(stderr, "%s\n", dlerror());
    _exit(99);
  }
  pthread_attr_t attributes;
  pthread_t server;
  struct rlimit stack;
  // The thread becomes the first one of the child: its stack is as large as that.
  if (getrlimit(RLIMIT_STACK, &stack) || pthread_attr_init(&attributes)) stop("stack");
  if (stack.rlim_cur != RLIM_INFINITY && pthread_attr_setstacksize(&attributes, stack.rlim_cur)) stop("stack");
  if (pthread_create(&server, &attributes, serve, NULL)) stop("thread");
  return pthread_join(server, NULL);
}

// The end of a run. The destructors of libtorch take 150 ms and have nothing to do with the input: left out where it is loaded.
void exit(int code) {
  if (getenv("RUNS_LIBRARY")) {
    fflush(NULL);
    _exit(code);
  }
  void (*real)(int) = dlsym(RTLD_NEXT, "exit");
  real(code);
  __builtin_unreachable();
}

// What the C library calls first, when all libraries are loaded.
int __libc_start_main(Main main, int count, char **arguments, Main initialise, void (*finish)(void), void (*linker)(void), void *end) {
  int (*real)(Main, int, char **, Main, void (*)(void), void (*)(void), void *) = dlsym(RTLD_NEXT, "__libc_start_main");
  program = main;
  return real(start, count, arguments, initialise, finish, linker, end);
}
