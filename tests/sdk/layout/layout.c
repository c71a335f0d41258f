/* Compiled, never run, as C and as C++ of every standard that the header promises (tests/sdk/CMakeLists.txt). */
#include "tenon/plugin.h"

#if defined(__cplusplus)
#define CHECK(name, truth) static_assert(truth, #name)
#elif __STDC_VERSION__ >= 201112L
#define CHECK(name, truth) _Static_assert(truth, #name)
#else
#define CHECK(name, truth) typedef char name[(truth) ? 1 : -1]
#endif

#define STRUCT(type, size) CHECK(size_of_##type, sizeof(type) == (size));
#define MEMBER(type, member, offset, size)                                \
  CHECK(offset_of_##type##_##member, offsetof(type, member) == (offset)); \
  CHECK(size_of_##type##_##member, sizeof(((type*)0)->member) == (size));
#include "layout.inc"

CHECK(magic, TENON_ENTRY_MAGIC == 0x314E4E54u);
CHECK(major, TENON_ABI_MAJOR == 1);
CHECK(codes, TENON_OK == 0 && TENON_INVALID == 1 && TENON_UNSUPPORTED == 2 && TENON_UNAVAILABLE == 3 &&
                 TENON_CANCELLED == 4 && TENON_DENIED == 5 && TENON_INTERNAL == 6);
CHECK(ends, TENON_ENDED_EXIT == 0 && TENON_ENDED_SIGNAL == 1 && TENON_ENDED_UNKNOWN == 2);
CHECK(create, TENON_CREATE_EXECUTABLE == 1 && TENON_CREATE_PRIVATE == 2 && TENON_CREATE_APPEND == 4 &&
                  TENON_CREATE_READ_ONLY == 8 && TENON_CREATE_UNCACHED == 16);
CHECK(folder, TENON_FOLDER_PRIVATE == 1 && TENON_FOLDER_PARENTS == 2 && TENON_FOLDER_SHUT == 4);
CHECK(kinds, TENON_KIND_FILE == 1 && TENON_KIND_FOLDER == 2 && TENON_KIND_SYMLINK == 3 && TENON_KIND_OTHER == 4);
CHECK(limits, TENON_DOCUMENT_MAX_BYTES == 1048576u && TENON_DOCUMENT_MAX_DEPTH == 64u);
