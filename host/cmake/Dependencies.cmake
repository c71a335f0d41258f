# What comes from Debian, one name for each. Found once, here.
find_package(Threads REQUIRED)
find_package(Poco REQUIRED COMPONENTS Foundation JSON Util Net NetSSL)
find_package(tl-expected REQUIRED)
find_package(CLI11 REQUIRED)
set(ZLIB_USE_STATIC_LIBS ${WIN32})
find_package(ZLIB REQUIRED)

find_path(TENON_CRYPTOPP_INCLUDE cryptopp/sha.h REQUIRED)
find_library(TENON_CRYPTOPP_LIBRARY NAMES libcryptopp.a cryptopp REQUIRED)
add_library(tenon_cryptopp INTERFACE)
target_include_directories(tenon_cryptopp SYSTEM INTERFACE ${TENON_CRYPTOPP_INCLUDE})
target_link_libraries(tenon_cryptopp INTERFACE ${TENON_CRYPTOPP_LIBRARY} $<$<PLATFORM_ID:Windows>:bcrypt>)

find_path(TENON_LIBDEFLATE_INCLUDE libdeflate.h REQUIRED)
find_library(TENON_LIBDEFLATE_LIBRARY NAMES libdeflate.a deflate REQUIRED)
add_library(tenon_libdeflate INTERFACE)
target_include_directories(tenon_libdeflate SYSTEM INTERFACE ${TENON_LIBDEFLATE_INCLUDE})
target_link_libraries(tenon_libdeflate INTERFACE ${TENON_LIBDEFLATE_LIBRARY})

# Unicode normal forms and case folding, for the names in packages.
find_path(TENON_UTF8PROC_INCLUDE utf8proc.h REQUIRED)
find_library(TENON_UTF8PROC_LIBRARY NAMES libutf8proc.a utf8proc REQUIRED)
add_library(tenon_utf8proc INTERFACE)
target_include_directories(tenon_utf8proc SYSTEM INTERFACE ${TENON_UTF8PROC_INCLUDE})
target_link_libraries(tenon_utf8proc INTERFACE ${TENON_UTF8PROC_LIBRARY})
if(TENON_UTF8PROC_LIBRARY MATCHES "\\.a$")
  target_compile_definitions(tenon_utf8proc INTERFACE UTF8PROC_STATIC)
endif()
