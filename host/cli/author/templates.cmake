# What `tenon init` writes goes into the program as it lies in samples/templates/<runtime>/, and beside it the schema of
# service.json: tenon_embed_templates(OUT) writes the table that ServiceTemplates.h declares.
function(tenon_embed_templates out)
  set(templates ${PROJECT_SOURCE_DIR}/samples/templates)
  set(schema ${PROJECT_SOURCE_DIR}/sdk/schemas/service.json)
  file(GLOB_RECURSE files CONFIGURE_DEPENDS ${templates}/*)
  foreach(file ${files} ${schema})
    file(READ ${file} bytes HEX)
    string(REGEX REPLACE "(..)" "\\\\x\\1" bytes "${bytes}")
    if(file STREQUAL schema)
      set(names "\"\", \"service.schema.json\"")
    else()
      file(RELATIVE_PATH path ${templates} ${file})
      string(REGEX REPLACE "^([^/]+)/(.+)$" "\"\\1\", \"\\2\"" names ${path})
    endif()
    string(APPEND rows "    {${names}, \"${bytes}\"},\n")
  endforeach()
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${files} ${schema})
  file(CONFIGURE OUTPUT ${out} @ONLY CONTENT "#include \"host/cli/author/ServiceTemplates.h\"

namespace tenon::host {

static constexpr TemplateFile kServiceTemplates[] = {
${rows}};

std::span<const TemplateFile> serviceTemplates() { return kServiceTemplates; }

}  // namespace tenon::host
")
endfunction()
