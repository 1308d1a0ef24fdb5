// The child process: limits itself, walks all objects, and tells through shared memory where it is.
//
// It is forked inside a callback of HDF5, so that this thread holds the library's lock: no other thread can hold it
// in the child, where no other thread runs. Between fork and _exit nothing but HDF5 and C is called.

#define _GNU_SOURCE
#include "CEventFileCheck.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <hdf5.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

// More would be no event file, and a walk of it no check.
enum {
  MAX_DEPTH = 32,
  MAX_OBJECTS = 100000,
  MAX_ATTRIBUTES = 1000,
  MAX_ATTRIBUTE_BYTES = 16 << 20,
  MAX_TEXT_BYTES = 64 << 20,
  MAX_NAME = 1024,
  LOOKUPS = 64,
};

// What parent and child share.
typedef struct {
  char place[1024];
  char reason[1024];
} shared_note;

typedef struct {
  shared_note *note;
  int pipe;
  size_t text_bytes;
  // Addresses of the objects seen, an open hash table.
  haddr_t *seen;
  size_t capacity, count;
} walk;

typedef struct {
  char **names;
  size_t count, capacity;
  const char *refused;
} name_list;

// MARK: - Ending

static void stop(walk *w, check_outcome outcome, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(w->note->reason, sizeof w->note->reason, format, arguments);
  va_end(arguments);
  _exit(outcome);
}

static herr_t keep_innermost(unsigned n, const H5E_error2_t *error, void *text) {
  if (n == 0) snprintf((char *)text, 512, "%s", error->desc ? error->desc : "");
  return 0;
}

// The reason of HDF5's last error.
static void stop_damaged(walk *w) {
  char text[512] = "HDF5 cannot read it";
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_innermost, text);
  stop(w, CHECK_DAMAGED, "%s", text);
}

// Ends the check where a call of HDF5 failed.
static int64_t checked(walk *w, int64_t result) {
  if (result < 0) stop_damaged(w);
  return result;
}

static void *allocated(walk *w, void *memory) {
  if (!memory) stop(w, CHECK_DAMAGED, "more memory is needed than a sound file takes");
  return memory;
}

// MARK: - Objects seen

static bool insert(haddr_t *table, size_t capacity, haddr_t address) {
  size_t slot = (size_t)(address * 0x9E3779B97F4A7C15u) % capacity;
  while (table[slot] != HADDR_UNDEF) {
    if (table[slot] == address) return false;
    slot = (slot + 1) % capacity;
  }
  table[slot] = address;
  return true;
}

// Whether an object is met for the first time.
static bool is_new(walk *w, haddr_t address) {
  if (2 * (w->count + 1) > w->capacity) {
    size_t capacity = w->capacity ? 2 * w->capacity : 1024;
    haddr_t *table = allocated(w, malloc(capacity * sizeof *table));
    for (size_t i = 0; i < capacity; ++i) table[i] = HADDR_UNDEF;
    for (size_t i = 0; i < w->capacity; ++i)
      if (w->seen[i] != HADDR_UNDEF) insert(table, capacity, w->seen[i]);
    free(w->seen);
    w->seen = table;
    w->capacity = capacity;
  }
  if (!insert(w->seen, w->capacity, address)) return false;
  if (++w->count > MAX_OBJECTS)
    stop(w, CHECK_UNSUPPORTED, "more than %d groups and datasets", MAX_OBJECTS);
  return true;
}

// MARK: - Attributes

static void send(walk *w, const void *bytes, size_t count) {
  const char *next = bytes;
  while (count > 0) {
    ssize_t done = write(w->pipe, next, count);
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) _exit(CHECK_FAILED);
    next += done;
    count -= (size_t)done;
  }
}

static void send_text(walk *w, haddr_t object, const char *name, const char *text) {
  uint64_t header[3] = {object, strlen(name), text ? strlen(text) : 0};
  w->text_bytes += sizeof header + header[1] + header[2];
  if (w->text_bytes > MAX_TEXT_BYTES)
    stop(w, CHECK_UNSUPPORTED, "texts of more than %d MiB", MAX_TEXT_BYTES >> 20);
  send(w, header, sizeof header);
  send(w, name, header[1]);
  if (text) send(w, text, header[2]);
}

static void walk_attribute(walk *w, hid_t object, haddr_t address, hsize_t index) {
  char name[MAX_NAME];
  hid_t attribute = checked(w, H5Aopen_by_idx(object, ".", H5_INDEX_NAME, H5_ITER_INC, index,
                                              H5P_DEFAULT, H5P_DEFAULT));
  if (checked(w, H5Aget_name(attribute, sizeof name, name)) >= (int64_t)sizeof name)
    stop(w, CHECK_UNSUPPORTED, "an attribute whose name has more than %d bytes", MAX_NAME - 1);
  hid_t type = checked(w, H5Aget_type(attribute));
  hid_t space = checked(w, H5Aget_space(attribute));
  int64_t values = checked(w, H5Sget_simple_extent_npoints(space));
  H5T_class_t kind = H5Tget_class(type);
  if (kind == H5T_NO_CLASS) stop_damaged(w);
  if (kind == H5T_STRING && checked(w, H5Tis_variable_str(type)) > 0) {
    if (values == 1) {
      char *text = NULL;
      checked(w, H5Aread(attribute, type, &text));
      send_text(w, address, name, text);
      H5free_memory(text);
    }
  } else if (kind == H5T_STRING || kind == H5T_INTEGER || kind == H5T_FLOAT) {
    size_t size = H5Tget_size(type);
    if (size == 0) stop_damaged(w);
    if (values > 0 && (uint64_t)values > MAX_ATTRIBUTE_BYTES / size)
      stop(w, CHECK_UNSUPPORTED, "attribute %s has more than %d MiB", name,
           MAX_ATTRIBUTE_BYTES >> 20);
    if (values > 0) {
      void *bytes = allocated(w, malloc((size_t)values * size));
      checked(w, H5Aread(attribute, type, bytes));
      free(bytes);
    }
  }
  checked(w, H5Sclose(space));
  checked(w, H5Tclose(type));
  checked(w, H5Aclose(attribute));
}

static void walk_attributes(walk *w, hid_t object, haddr_t address, hsize_t count) {
  if (count > MAX_ATTRIBUTES)
    stop(w, CHECK_UNSUPPORTED, "more than %d attributes", MAX_ATTRIBUTES);
  for (hsize_t index = 0; index < count; ++index) walk_attribute(w, object, address, index);
}

// MARK: - Datasets

// HDF5 calls it an error where a chunk was never written.
static void look_up_chunk(walk *w, hid_t dataset, const hsize_t *start) {
  hsize_t size;
  if (H5Dget_chunk_storage_size(dataset, start, &size) >= 0) return;
  char text[512] = "";
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_innermost, text);
  if (strcmp(text, "chunk storage is not allocated") != 0) stop_damaged(w);
}

// Sizes of the first and the last chunk and of some between, as a reader will ask for them.
static void look_up_chunks(walk *w, hid_t dataset, hid_t creation, const hsize_t *shape, int rank) {
  hsize_t extent[H5S_MAX_RANK], start[H5S_MAX_RANK] = {0};
  if (checked(w, H5Pget_chunk(creation, rank, extent)) != rank) stop_damaged(w);
  for (int axis = 0; axis < rank; ++axis) {
    if (extent[axis] == 0) stop(w, CHECK_DAMAGED, "chunks of no size");
    if (shape[axis] == 0) return;
    start[axis] = (shape[axis] - 1) / extent[axis] * extent[axis];
  }
  hsize_t chunks = (shape[0] - 1) / extent[0] + 1;
  // The last chunk of all axes, then the first ones of the others.
  look_up_chunk(w, dataset, start);
  for (int axis = 1; axis < rank; ++axis) start[axis] = 0;
  hsize_t step = chunks / LOOKUPS + 1;
  for (hsize_t chunk = 0; chunk < chunks; chunk += step) {
    start[0] = chunk * extent[0];
    look_up_chunk(w, dataset, start);
  }
}

static void walk_filters(walk *w, hid_t creation) {
  int count = (int)checked(w, H5Pget_nfilters(creation));
  for (int i = 0; i < count; ++i) {
    unsigned flags, parameters[64], configuration;
    size_t number = sizeof parameters / sizeof *parameters;
    char name[256];
    checked(w, H5Pget_filter2(creation, (unsigned)i, &flags, &number, parameters, sizeof name, name,
                              &configuration));
  }
}

static void walk_dataset(walk *w, hid_t dataset) {
  hid_t space = checked(w, H5Dget_space(dataset));
  hid_t type = checked(w, H5Dget_type(dataset));
  hid_t creation = checked(w, H5Dget_create_plist(dataset));
  if (H5Tget_class(type) == H5T_NO_CLASS || H5Tget_size(type) == 0) stop_damaged(w);
  hsize_t shape[H5S_MAX_RANK] = {0};
  int rank = (int)checked(w, H5Sget_simple_extent_ndims(space));
  checked(w, H5Sget_simple_extent_dims(space, shape, NULL));
  if (checked(w, H5Pget_external_count(creation)) > 0)
    stop(w, CHECK_UNSUPPORTED, "its values are in another file (external storage)");
  H5D_layout_t layout = H5Pget_layout(creation);
  if (layout == H5D_VIRTUAL)
    stop(w, CHECK_UNSUPPORTED, "its values are in other datasets (virtual dataset)");
  if (layout == H5D_LAYOUT_ERROR) stop_damaged(w);
  walk_filters(w, creation);
  // Goes through the whole index of chunks.
  H5Dget_storage_size(dataset);
  if (layout == H5D_CHUNKED) look_up_chunks(w, dataset, creation, shape, rank);
  checked(w, H5Pclose(creation));
  checked(w, H5Tclose(type));
  checked(w, H5Sclose(space));
}

// MARK: - Groups

static herr_t add_name(hid_t group, const char *name, const H5L_info_t *info, void *context) {
  (void)group;
  name_list *list = context;
  if (info->type == H5L_TYPE_EXTERNAL) list->refused = "a link to another file (external link)";
  if (info->type > H5L_TYPE_EXTERNAL) list->refused = "a link of an unknown kind";
  if (strlen(name) >= MAX_NAME) list->refused = "a member whose name is too long";
  if (list->count == MAX_OBJECTS) list->refused = "too many members";
  if (list->count == list->capacity) {
    list->capacity = list->capacity ? 2 * list->capacity : 64;
    char **longer = realloc(list->names, list->capacity * sizeof *longer);
    if (!longer) return -1;
    list->names = longer;
  }
  if (!(list->names[list->count] = strdup(name))) return -1;
  list->count += 1;
  return list->refused ? 1 : 0;
}

static void walk_object(walk *w, hid_t parent, const char *name, const char *path, int depth);

static void walk_group(walk *w, hid_t group, const char *path, int depth) {
  if (depth > MAX_DEPTH)
    stop(w, CHECK_UNSUPPORTED, "groups in groups, more than %d deep", MAX_DEPTH);
  name_list list = {0};
  hsize_t next = 0;
  checked(w, H5Literate(group, H5_INDEX_NAME, H5_ITER_NATIVE, &next, add_name, &list));
  for (size_t i = 0; i < list.count; ++i) {
    char member[sizeof w->note->place];
    const char *above = depth == 0 ? "" : path;
    if (snprintf(member, sizeof member, "%s/%s", above, list.names[i]) >= (int)sizeof member)
      list.refused = "a path that is too long", list.count = i + 1;
    strcpy(w->note->place, member);
    if (list.refused && i == list.count - 1) stop(w, CHECK_UNSUPPORTED, "%s", list.refused);
    // A link inside the file may lead nowhere, or back to itself; then it is no member.
    H5L_info_t link;
    checked(w, H5Lget_info(group, list.names[i], &link, H5P_DEFAULT));
    int64_t exists = H5Oexists_by_name(group, list.names[i], H5P_DEFAULT);
    if (exists < 0 && link.type != H5L_TYPE_SOFT) stop_damaged(w);
    if (exists > 0)
      walk_object(w, group, list.names[i], member, depth + 1);
    free(list.names[i]);
  }
  free(list.names);
}

static void walk_object(walk *w, hid_t parent, const char *name, const char *path, int depth) {
  hid_t object = checked(w, H5Oopen(parent, name, H5P_DEFAULT));
  H5O_info_t info;
  checked(w, H5Oget_info2(object, &info, H5O_INFO_BASIC | H5O_INFO_NUM_ATTRS));
  if (is_new(w, info.addr)) {
    walk_attributes(w, object, info.addr, info.num_attrs);
    if (info.type == H5O_TYPE_GROUP) walk_group(w, object, path, depth);
    if (info.type == H5O_TYPE_DATASET) walk_dataset(w, object);
    snprintf(w->note->place, sizeof w->note->place, "%s", path);
  }
  checked(w, H5Oclose(object));
}

// MARK: - The child

// Closes what the parent has open, but for the pipe and the file itself, which HDF5 takes over where it is open.
// A file that another thread writes would else stay locked while this process lives, and nobody could open it.
static void close_others(const char *path, int pipe) {
  struct stat file, other;
  DIR *open_files = opendir("/proc/self/fd");
  if (!open_files || stat(path, &file) != 0) return;
  for (struct dirent *entry; (entry = readdir(open_files));) {
    int descriptor = atoi(entry->d_name);
    if (descriptor < 3 || descriptor == pipe || descriptor == dirfd(open_files)) continue;
    bool same = fstat(descriptor, &other) == 0 && other.st_dev == file.st_dev && other.st_ino == file.st_ino;
    if (!same) close(descriptor);
  }
  closedir(open_files);
}

static void set_timer(int which, double seconds) {
  time_t whole = (time_t)seconds;
  suseconds_t rest = (suseconds_t)((seconds - (double)whole) * 1e6);
  struct itimerval timer = {{0, 0}, {whole, rest}};
  setitimer(which, &timer, NULL);
}

static void limit(const check_limits *limits) {
  // The parent's handlers are not for this process; all signals shall end it.
  for (int number = 1; number < NSIG; ++number) signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
#ifdef __linux__
  // The thread that waits for it ends with the parent.
  prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
#endif
  struct rlimit no_core = {0, 0}, memory;
  setrlimit(RLIMIT_CORE, &no_core);
  unsigned long pages = 0;
  FILE *sizes = fopen("/proc/self/statm", "r");
  if (sizes) {
    if (fscanf(sizes, "%lu", &pages) != 1) pages = 0;
    fclose(sizes);
  }
  if (pages > 0 && getrlimit(RLIMIT_AS, &memory) == 0) {
    rlim_t most = (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE) + limits->memory;
    if (memory.rlim_cur == RLIM_INFINITY || memory.rlim_cur > most) memory.rlim_cur = most;
    setrlimit(RLIMIT_AS, &memory);
  }
  set_timer(ITIMER_PROF, limits->processor_seconds);
  set_timer(ITIMER_REAL, limits->clock_seconds);
}

static void run_child(const char *path, const check_limits *limits, shared_note *note, int pipe) {
  close_others(path, pipe);
  limit(limits);
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
  walk w = {.note = note, .pipe = pipe};
  strcpy(note->place, "the file as a whole");
  hid_t access = checked(&w, H5Pcreate(H5P_FILE_ACCESS));
  checked(&w, H5Pset_file_locking(access, false, true));
  // As the program opens files: one that it has open already is taken over with the memory of this process.
  checked(&w, H5Pset_fclose_degree(access, H5F_CLOSE_STRONG));
  hid_t file = checked(&w, H5Fopen(path, H5F_ACC_RDONLY, access));
  strcpy(note->place, "/");
  walk_object(&w, file, "/", "/", 0);
  _exit(CHECK_SOUND);
}

// MARK: - The parent

typedef struct {
  const char *path;
  const check_limits *limits;
  shared_note *note;
  int ends[2];
  pid_t child;
} start;

// Called by HDF5 while it holds its lock.
static herr_t fork_here(hid_t list, const char *name, void *context) {
  (void)list, (void)name;
  start *s = context;
  s->child = fork();
  if (s->child == 0) {
    close(s->ends[0]);
    run_child(s->path, s->limits, s->note, s->ends[1]);
  }
  return 1;
}

static int wait_for(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return -1;
  return status;
}

static void read_texts(int end, check_result *result) {
  size_t capacity = 0;
  for (;;) {
    if (result->text_bytes == capacity) {
      capacity = capacity ? 2 * capacity : 1 << 16;
      uint8_t *longer = realloc(result->texts, capacity);
      if (!longer) return;
      result->texts = longer;
    }
    ssize_t count = read(end, result->texts + result->text_bytes, capacity - result->text_bytes);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return;
    result->text_bytes += (size_t)count;
  }
}

static check_outcome outcome_of(int status) {
  if (status >= 0 && WIFEXITED(status)) {
    int code = WEXITSTATUS(status);
    return code <= CHECK_DAMAGED ? (check_outcome)code : CHECK_FAILED;
  }
  if (status < 0 || !WIFSIGNALED(status)) return CHECK_FAILED;
  switch (WTERMSIG(status)) {
    case SIGPROF:
    case SIGALRM:
      return CHECK_TIMED_OUT;
    case SIGINT:
    case SIGTERM:
    case SIGHUP:
    case SIGQUIT:
      return CHECK_INTERRUPTED;
    default:
      return CHECK_CRASHED;
  }
}

void event_file_check(const char *path, const check_limits *limits, check_result *result) {
  memset(result, 0, sizeof *result);
  result->outcome = CHECK_FAILED;
  start s = {.path = path, .limits = limits, .child = -1};
  s.note = mmap(NULL, sizeof *s.note, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (s.note == MAP_FAILED) return;
  if (pipe2(s.ends, O_CLOEXEC) == 0) {
    // Calls back for the first property of a list.
    int first = 0;
    H5Piterate(H5P_FILE_ACCESS, &first, fork_here, &s);
    close(s.ends[1]);
    if (s.child > 0) {
      read_texts(s.ends[0], result);
      result->outcome = outcome_of(wait_for(s.child));
    }
    close(s.ends[0]);
  }
  memcpy(result->place, s.note->place, sizeof result->place);
  memcpy(result->reason, s.note->reason, sizeof result->reason);
  result->place[sizeof result->place - 1] = result->reason[sizeof result->reason - 1] = 0;
  munmap(s.note, sizeof *s.note);
}
