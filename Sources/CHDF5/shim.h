// HDF5 for Swift: the macros that Swift cannot import, as functions.
#pragma once
#include <hdf5.h>
#include <stdio.h>

// Macros that open the library before they name one of its globals.
static inline hid_t chdf5_native_double(void) { return H5T_NATIVE_DOUBLE; }
static inline hid_t chdf5_native_int64(void) { return H5T_NATIVE_INT64; }
static inline hid_t chdf5_native_uint16(void) { return H5T_NATIVE_UINT16; }
static inline hid_t chdf5_float64(void) { return H5T_IEEE_F64LE; }
static inline hid_t chdf5_float32(void) { return H5T_IEEE_F32LE; }
static inline hid_t chdf5_int64(void) { return H5T_STD_I64LE; }
static inline hid_t chdf5_int32(void) { return H5T_STD_I32LE; }
static inline hid_t chdf5_uint16(void) { return H5T_STD_U16LE; }
static inline hid_t chdf5_uint8(void) { return H5T_STD_U8LE; }
static inline hid_t chdf5_c_string(void) { return H5T_C_S1; }

// The standard type of a kind of number, -1 where there is none. Kind 0 unsigned, 1 signed, 2 real.
static inline hid_t chdf5_number_type(int kind, int bytes, int big_endian) {
  H5open();
  const hid_t types[2][3][4] = {
      {{H5T_STD_U8LE_g, H5T_STD_U16LE_g, H5T_STD_U32LE_g, H5T_STD_U64LE_g},
       {H5T_STD_I8LE_g, H5T_STD_I16LE_g, H5T_STD_I32LE_g, H5T_STD_I64LE_g},
       {-1, -1, H5T_IEEE_F32LE_g, H5T_IEEE_F64LE_g}},
      {{H5T_STD_U8BE_g, H5T_STD_U16BE_g, H5T_STD_U32BE_g, H5T_STD_U64BE_g},
       {H5T_STD_I8BE_g, H5T_STD_I16BE_g, H5T_STD_I32BE_g, H5T_STD_I64BE_g},
       {-1, -1, H5T_IEEE_F32BE_g, H5T_IEEE_F64BE_g}}};
  int size = bytes == 1 ? 0 : bytes == 2 ? 1 : bytes == 4 ? 2 : bytes == 8 ? 3 : -1;
  return size < 0 || kind < 0 || kind > 2 ? -1 : types[big_endian != 0][kind][size];
}

static inline hid_t chdf5_default(void) { return H5P_DEFAULT; }
static inline hid_t chdf5_file_access(void) { return H5P_FILE_ACCESS; }
static inline hid_t chdf5_file_create(void) { return H5P_FILE_CREATE; }
static inline hid_t chdf5_group_create(void) { return H5P_GROUP_CREATE; }
static inline hid_t chdf5_dataset_create(void) { return H5P_DATASET_CREATE; }
static inline hid_t chdf5_dataset_access(void) { return H5P_DATASET_ACCESS; }

static inline unsigned chdf5_truncate(void) { return H5F_ACC_TRUNC; }
static inline unsigned chdf5_read_only(void) { return H5F_ACC_RDONLY; }

static inline hid_t chdf5_all(void) { return H5S_ALL; }
static inline hsize_t chdf5_unlimited(void) { return H5S_UNLIMITED; }

// The error stack. In a thread-safe library the stack and its automatic printing belong to a thread.
static inline void chdf5_silence(void) { H5Eset_auto2(H5E_DEFAULT, NULL, NULL); }

typedef struct {
  char *text;
  size_t size;
} chdf5_text;

static inline herr_t chdf5_keep_innermost(unsigned n, const H5E_error2_t *error, void *context) {
  chdf5_text *text = (chdf5_text *)context;
  if (n == 0) snprintf(text->text, text->size, "%s", error->desc ? error->desc : "");
  return 0;
}

// Description of the innermost error of the last call on this thread, empty where it has none.
static inline void chdf5_last_error(char *text, size_t size) {
  chdf5_text context = {text, size};
  if (size > 0) text[0] = 0;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, chdf5_keep_innermost, &context);
}

// Names of the members of a group, in the order of the file. Unlike access by index, iteration keeps no
// table of links, whose release crashes HDF5 1.10 where a large group is damaged.
typedef void (*chdf5_name_visitor)(const char *name, void *context);

typedef struct {
  chdf5_name_visitor visit;
  void *context;
} chdf5_visit;

static inline herr_t chdf5_visit_link(
    hid_t group, const char *name, const H5L_info_t *info, void *context) {
  (void)group, (void)info;
  ((chdf5_visit *)context)->visit(name, ((chdf5_visit *)context)->context);
  return 0;
}

static inline herr_t chdf5_visit_members(hid_t group, chdf5_name_visitor visit, void *context) {
  chdf5_visit call = {visit, context};
  hsize_t next = 0;
  return H5Literate(group, H5_INDEX_NAME, H5_ITER_NATIVE, &next, chdf5_visit_link, &call);
}
