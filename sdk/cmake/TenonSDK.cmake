# tenon_add_plugin(NAME python SOURCES Python.cpp [MANIFEST python.plugin.json] [STATIC])
#
# Builds <NAME>.so (.dll on Windows) as target tenon_plugin_<NAME>, exporting tenon_plugin_v1 and nothing else, with its manifest
# <NAME>.plugin.json beside it, in ${TENON_PLUGIN_OUTPUT_DIRECTORY} or else in the current binary folder. The manifest is the
# source folder's <NAME>.plugin.json unless MANIFEST names another.
#
# STATIC builds, beside that, target tenon_plugin_<NAME>_static for linking into a host: it defines tenon_plugin_v1_<NAME> and
# `const char tenon_plugin_manifest_<NAME>[]`, the manifest's text. (A '-' or '.' in NAME is '_' in symbols.)
function(tenon_add_plugin)
  cmake_parse_arguments(P "STATIC" "NAME;MANIFEST" "SOURCES" ${ARGN})
  if(NOT P_NAME OR NOT P_SOURCES OR P_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "tenon_add_plugin(NAME name SOURCES file… [MANIFEST file] [STATIC]); not understood: ${P_UNPARSED_ARGUMENTS}")
  endif()
  if(NOT P_MANIFEST)
    set(P_MANIFEST ${P_NAME}.plugin.json)
  endif()
  get_filename_component(manifest "${P_MANIFEST}" ABSOLUTE)
  if(NOT EXISTS "${manifest}")
    message(FATAL_ERROR "tenon_add_plugin(NAME ${P_NAME} …): ${manifest} is missing; its form is schemas/plugin.json of the SDK")
  endif()
  set(output "${TENON_PLUGIN_OUTPUT_DIRECTORY}")
  if(NOT output)
    set(output "${CMAKE_CURRENT_BINARY_DIR}")
  endif()

  set(target tenon_plugin_${P_NAME})
  add_library(${target} MODULE ${P_SOURCES})
  _tenon_plugin_settings(${target})
  set_target_properties(${target} PROPERTIES PREFIX "" OUTPUT_NAME ${P_NAME}
    LIBRARY_OUTPUT_DIRECTORY "${output}" RUNTIME_OUTPUT_DIRECTORY "${output}" TENON_MANIFEST "${output}/${P_NAME}.plugin.json")
  if(NOT WIN32 AND NOT APPLE)
    set(script "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/plugin.map")
    target_link_options(${target} PRIVATE "LINKER:--version-script=${script}")
    set_target_properties(${target} PROPERTIES LINK_DEPENDS "${script}")
  endif()
  configure_file("${manifest}" "${output}/${P_NAME}.plugin.json" COPYONLY)

  if(P_STATIC)
    string(MAKE_C_IDENTIFIER ${P_NAME} symbol)
    _tenon_embed_manifest("${manifest}" ${symbol} "${CMAKE_CURRENT_BINARY_DIR}/${P_NAME}_manifest.c")
    add_library(${target}_static STATIC ${P_SOURCES} "${CMAKE_CURRENT_BINARY_DIR}/${P_NAME}_manifest.c")
    _tenon_plugin_settings(${target}_static)
    target_compile_definitions(${target}_static PRIVATE TENON_STATIC_PLUGIN_NAME=${symbol})
  endif()
endfunction()

function(_tenon_plugin_settings target)
  target_link_libraries(${target} PRIVATE Tenon::SDK)
  if(CMAKE_CXX_COMPILER_LOADED AND NOT CMAKE_CXX_STANDARD)
    target_compile_features(${target} PRIVATE cxx_std_17)
  endif()
  set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ON
    C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
endfunction()

# The manifest's text as a C array of its bytes: no limit on literals, nothing to escape.
function(_tenon_embed_manifest manifest symbol source)
  file(READ "${manifest}" bytes HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
  set(content "extern const char tenon_plugin_manifest_${symbol}[];\nconst char tenon_plugin_manifest_${symbol}[] = {${bytes}0};\n")
  file(CONFIGURE OUTPUT "${source}" CONTENT "${content}" @ONLY)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${manifest}")
endfunction()
