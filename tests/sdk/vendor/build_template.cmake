# Copies the SDK's template and builds it against an install tree, as a vendor would.
set(how -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_C_COMPILER=${C_COMPILER} "-DCMAKE_CXX_FLAGS=${FLAGS}")
if(TOOLCHAIN)  # which looks for packages among the target's own alone
  list(APPEND how -DCMAKE_TOOLCHAIN_FILE=${TOOLCHAIN} -DTenonSDK_DIR=${TREE}/share/cmake/TenonSDK)
endif()

file(REMOVE_RECURSE ${WORK})
file(COPY ${TREE}/share/tenon-sdk/template/ DESTINATION ${WORK})
execute_process(COMMAND ${CMAKE_COMMAND} -S ${WORK} -B ${WORK}/build -G ${GENERATOR} -DCMAKE_PREFIX_PATH=${TREE} ${how} COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${CMAKE_COMMAND} --build ${WORK}/build COMMAND_ERROR_IS_FATAL ANY)
file(GLOB made ${WORK}/build/acme.shell.*)
file(COPY ${made} DESTINATION ${DRIVERS})
