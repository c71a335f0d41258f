# Windows from Debian: MinGW-w64 (GCC, posix threads, SEH, msvcrt), and Wine to run what it makes. The libraries come from the
# folder that platform/windows/sysroot prints: TENON_WINDOWS_SYSROOT, as a variable of CMake or of the environment, or else
# build/windows-sysroot.
set(CMAKE_SYSTEM_NAME Windows)
set(CMAKE_SYSTEM_PROCESSOR AMD64)
set(CMAKE_SYSTEM_VERSION 10.0)

set(_triple x86_64-w64-mingw32)
set(CMAKE_C_COMPILER ${_triple}-gcc-posix)
set(CMAKE_CXX_COMPILER ${_triple}-g++-posix)
set(CMAKE_RC_COMPILER ${_triple}-windres)
set(CMAKE_MC_COMPILER /usr/bin/${_triple}-windmc)
set(CMAKE_AR /usr/bin/${_triple}-gcc-ar-posix)
set(CMAKE_RANLIB /usr/bin/${_triple}-gcc-ranlib-posix)

# The compiler is tried in projects of their own, which read this file again without the variable: so it goes through the environment.
if(NOT TENON_WINDOWS_SYSROOT)
  set(TENON_WINDOWS_SYSROOT "$ENV{TENON_WINDOWS_SYSROOT}")
endif()
if(NOT TENON_WINDOWS_SYSROOT)
  get_filename_component(TENON_WINDOWS_SYSROOT ${CMAKE_CURRENT_LIST_DIR}/../../../build/windows-sysroot ABSOLUTE)
endif()
set(ENV{TENON_WINDOWS_SYSROOT} "${TENON_WINDOWS_SYSROOT}")

set(CMAKE_FIND_ROOT_PATH /usr/${_triple} ${TENON_WINDOWS_SYSROOT})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(Poco_DIR ${TENON_WINDOWS_SYSROOT}/cmake)

# Windows 10 and later. Poco includes two system headers by names of another case: the folder `case` has those.
set(_flags "-D_WIN32_WINNT=0x0A00 -DWINVER=0x0A00 -DNTDDI_VERSION=0x0A000006 -idirafter ${TENON_WINDOWS_SYSROOT}/case")
set(CMAKE_C_FLAGS_INIT "${_flags}")
set(CMAKE_CXX_FLAGS_INIT "${_flags}")

# Each program and each library complete in itself: no DLL of the compiler to ship.
set(_link "-static -static-libgcc -static-libstdc++")
# A stack of 8 MiB as on Linux, instead of 2: the limits on what recurses (patterns of `logs --grep`) are made for it.
set(CMAKE_EXE_LINKER_FLAGS_INIT "${_link} -Wl,--stack,8388608")
set(CMAKE_SHARED_LINKER_FLAGS_INIT "${_link}")
set(CMAKE_MODULE_LINKER_FLAGS_INIT "${_link}")

set(CMAKE_CROSSCOMPILING_EMULATOR /usr/lib/wine/wine64)
