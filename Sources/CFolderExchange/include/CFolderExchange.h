// Two names of a file system change their places in one step.
#pragma once

/// Exchanges two files or folders: whoever looks sees both under their old names or both under their new ones, also after
/// a crash in between. Returns 0, or -1 with errno: EINVAL or ENOSYS where the file system cannot.
int folder_exchange(const char *one, const char *other);
