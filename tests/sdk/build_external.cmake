# Installs the sdk component into a fresh folder and builds the sample driver against it, as a vendor would.
function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE failed OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(failed)
    message(FATAL_ERROR "${ARGN}\n${output}")
  endif()
endfunction()

set(how -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_C_COMPILER=${C_COMPILER} "-DCMAKE_CXX_FLAGS=${FLAGS}")
if(TOOLCHAIN)  # which looks for packages among the target's own alone
  set(how -DCMAKE_TOOLCHAIN_FILE=${TOOLCHAIN} -DTenonSDK_DIR=${WORK}/sdk/lib/cmake/TenonSDK)
endif()

file(REMOVE_RECURSE ${WORK})
run(${CMAKE_COMMAND} --install ${BUILD} --component sdk --prefix ${WORK}/sdk)
run(${CMAKE_COMMAND} -S ${SOURCE} -B ${WORK}/build -G ${GENERATOR} -DCMAKE_PREFIX_PATH=${WORK}/sdk ${how})
run(${CMAKE_COMMAND} --build ${WORK}/build)
