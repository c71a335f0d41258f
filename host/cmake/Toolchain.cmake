# How everything here is compiled: C++20, warnings in one place, ccache where it is there.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 99)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

find_program(TENON_CCACHE ccache)
if(TENON_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_C_COMPILER_LAUNCHER ${TENON_CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${TENON_CCACHE})
endif()

# GNU's linker looks through every section of an object for each of its symbols, where objects are COFF: a program of tests, with
# 25,000 sections, took 20 s, and takes less than one by LLVM's. GCC as Debian has it calls GNU's by its path, unless it finds
# another `collect2` first.
if(WIN32 OR CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  find_program(TENON_LLD ld.lld REQUIRED)
endif()
if(WIN32)
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/linker/collect2 CONTENT "#!/bin/sh\nexec @TENON_LLD@ \"$@\"\n" @ONLY)
  file(CHMOD ${CMAKE_BINARY_DIR}/linker/collect2 PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
  # Without the time of the build in it, the same sources make the same program.
  add_link_options(-B${CMAKE_BINARY_DIR}/linker -fno-use-linker-plugin -Wl,--no-insert-timestamp)
elseif(TENON_LLD)
  add_link_options(-fuse-ld=lld)
endif()

if(WIN32) # sections lie in the file as they will in memory: they are mapped then, where Wine would copy all 12 MB at each start
  add_link_options(-Wl,--file-alignment,4096)
endif()

# Designated initialisers name what differs; the rest keeps its default on purpose.
add_library(tenon_warnings INTERFACE)
target_compile_options(tenon_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor> $<$<COMPILE_LANGUAGE:CXX>:-Wold-style-cast> $<$<COMPILE_LANGUAGE:CXX>:-Woverloaded-virtual> -Wundef -Wno-missing-field-initializers
  # In a unity build each test file looks like a header of the one that includes them all.
  $<$<AND:$<BOOL:${CMAKE_UNITY_BUILD}>,$<CXX_COMPILER_ID:GNU>,$<COMPILE_LANGUAGE:CXX>>:-Wno-subobject-linkage>
  $<$<BOOL:${TENON_WERROR}>:-Werror>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(tenon_warnings INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Wduplicated-cond -Wlogical-op>)
endif()
