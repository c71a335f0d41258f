# Installs the SDK into a fresh folder, as `cmake --install` does it for a vendor.
file(REMOVE_RECURSE ${TREE})
execute_process(COMMAND ${CMAKE_COMMAND} --install ${BUILD} --component sdk --prefix ${TREE} COMMAND_ERROR_IS_FATAL ANY)
