#ifndef C_RESTRICTED_PROCESS_H
#define C_RESTRICTED_PROCESS_H

#include <sys/types.h>

/// Starts a program that cannot start programs itself: in it fork and all its kin fail, where the kernel knows seccomp.
///
/// The program has no files but standard input and output, which are /dev/null, and standard error. No signal is blocked.
///
/// \param path of the program, absolute.
/// \param arguments and \param environment, each with NULL at its end.
/// \param folder to work in.
/// \param errors descriptor that becomes standard error.
/// \param process its number.
/// \return 0, or the number of an error.
int restricted_process_start(const char *path, char *const arguments[], char *const environment[], const char *folder,
                             int errors, pid_t *process);

#endif
