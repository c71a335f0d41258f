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
set(CPACK_INSTALL_CMAKE_PROJECTS "${PROJECT_BINARY_DIR};Tenon;tenon;/")
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE ${PROJECT_SOURCE_DIR}/README.md DESTINATION . COMPONENT tenon)
include(CPack)
