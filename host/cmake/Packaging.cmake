# cmake --build --preset P --target package: one archive with the programs, their plugins and what a newcomer reads first.
if(WIN32)
  set(CPACK_GENERATOR ZIP)
  set(CPACK_SYSTEM_NAME windows-x64)
else()
  set(CPACK_GENERATOR TXZ)
  set(CPACK_SYSTEM_NAME linux-x64)
endif()
set(CPACK_PACKAGE_FILE_NAME tenon-${CPACK_SYSTEM_NAME})
set(CPACK_STRIP_FILES ON)
# The SDK is for those who build plugins; it has a package of its own.
set(CPACK_INSTALL_CMAKE_PROJECTS "${PROJECT_BINARY_DIR};Tenon;tenon;/;${PROJECT_BINARY_DIR};Tenon;archive;/")
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE ${PROJECT_SOURCE_DIR}/README.md DESTINATION . COMPONENT archive)
include(CPack)

# cmake --build BUILD --target package-deb: BUILD/tenon_VERSION_ARCHITECTURE.deb, the same bytes from the same sources.
find_program(TENON_DPKG dpkg)
if(NOT TENON_DPKG OR CMAKE_CROSSCOMPILING)
  return()
endif()
execute_process(COMMAND ${TENON_DPKG} --print-architecture OUTPUT_VARIABLE TENON_DEBIAN_ARCHITECTURE OUTPUT_STRIP_TRAILING_WHITESPACE
                COMMAND_ERROR_IS_FATAL ANY)
set(debian ${PROJECT_SOURCE_DIR}/host/debian)
set(made ${PROJECT_BINARY_DIR}/debian)
configure_file(${debian}/changelog.in ${made}/changelog @ONLY)
configure_file(host/cmake/debian.cmake.in ${made}/package.cmake @ONLY)
# What the program tells of itself is asked of it.
add_custom_command(OUTPUT ${made}/tenon.1.gz DEPENDS tenon CHANGELOG.md VERBATIM
  COMMAND sh -c "umask 022; t=$1; cd $2; $t manual >tenon.1; for s in bash zsh fish; do $t completion $s >completion.$s; done; cp $3 .; gzip -9nf tenon.1; gzip -9nkf changelog CHANGELOG.md"
          - $<TARGET_FILE:tenon> ${made} ${PROJECT_SOURCE_DIR}/CHANGELOG.md)
install(FILES ${made}/tenon.1.gz DESTINATION share/man/man1 COMPONENT debian EXCLUDE_FROM_ALL)
install(FILES ${made}/completion.bash DESTINATION share/bash-completion/completions RENAME tenon COMPONENT debian EXCLUDE_FROM_ALL)
install(FILES ${made}/completion.zsh DESTINATION share/zsh/vendor-completions RENAME _tenon COMPONENT debian EXCLUDE_FROM_ALL)
install(FILES ${made}/completion.fish DESTINATION share/fish/vendor_completions.d RENAME tenon.fish COMPONENT debian EXCLUDE_FROM_ALL)
install(FILES ${made}/changelog.gz ${made}/CHANGELOG.md.gz ${PROJECT_SOURCE_DIR}/sdk/debian/copyright DESTINATION share/doc/tenon COMPONENT debian EXCLUDE_FROM_ALL)
install(FILES ${debian}/tenon-agent.service ${debian}/tenon-hub.service ${debian}/tenon-services.service DESTINATION /lib/systemd/system COMPONENT debian EXCLUDE_FROM_ALL)
install(PROGRAMS ${debian}/hold-services DESTINATION lib/tenon COMPONENT debian EXCLUDE_FROM_ALL)
install(FILES ${debian}/tenon.default DESTINATION /etc/default RENAME tenon COMPONENT debian EXCLUDE_FROM_ALL)
install(FILES ${debian}/tenon-hub.default DESTINATION /etc/default RENAME tenon-hub COMPONENT debian EXCLUDE_FROM_ALL)
add_custom_target(package-deb DEPENDS ${made}/tenon.1.gz tenon tenon_plugin_host_program tenon_drivers VERBATIM
  COMMENT "tenon_${PROJECT_VERSION}_${TENON_DEBIAN_ARCHITECTURE}.deb"
  COMMAND sh -c "umask 022 && SOURCE_DATE_EPOCH=${TENON_RELEASED_EPOCH} exec \"$0\" \"$@\"" ${CMAKE_CPACK_COMMAND} --config ${made}/package.cmake)
