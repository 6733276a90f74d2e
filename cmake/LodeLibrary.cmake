# lode_library(NAME DEPS folder... LIBS target...): the folder src/NAME as the static library lode_NAME.
# DEPS are other folders of src/, public; they are the link edges that src/README.md ranks.
function(lode_library name)
  cmake_parse_arguments(ARG "" "" "DEPS;LIBS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")
  add_library(lode_${name} STATIC ${sources})
  target_include_directories(lode_${name} PUBLIC ${CMAKE_SOURCE_DIR}/src)
  foreach(dep ${ARG_DEPS})
    target_link_libraries(lode_${name} PUBLIC lode_${dep})
  endforeach()
  target_link_libraries(lode_${name} PUBLIC ${ARG_LIBS} Threads::Threads)
endfunction()

# lode_schema(FILE): schema/FILE.fbs as the header FILE_generated.h, target lode_schema_FILE.
function(lode_schema name)
  set(out ${CMAKE_BINARY_DIR}/generated/schema)
  add_custom_command(
    OUTPUT ${out}/${name}_generated.h
    COMMAND ${FLATC} --cpp --cpp-std c++17 --scoped-enums -I ${CMAKE_SOURCE_DIR}/schema -o ${out}
            ${CMAKE_SOURCE_DIR}/schema/${name}.fbs
    DEPENDS ${CMAKE_SOURCE_DIR}/schema/${name}.fbs)
  add_custom_target(lode_schema_${name}_gen DEPENDS ${out}/${name}_generated.h)
  add_library(lode_schema_${name} INTERFACE)
  add_dependencies(lode_schema_${name} lode_schema_${name}_gen)
  target_include_directories(lode_schema_${name} SYSTEM INTERFACE ${CMAKE_BINARY_DIR}/generated)
  target_link_libraries(lode_schema_${name} INTERFACE flatbuffers)
endfunction()

# lode_test(NAME DIR DEPS folder...): every *.cpp of DIR as one GoogleTest program.
function(lode_test name dir)
  cmake_parse_arguments(ARG "" "" "DEPS;LIBS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${dir}/*.cpp)
  if(NOT sources)
    return()
  endif()
  add_executable(${name} ${sources})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR}/tests)
  target_compile_definitions(${name} PRIVATE LODE_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  foreach(dep ${ARG_DEPS})
    target_link_libraries(${name} PRIVATE lode_${dep})
  endforeach()
  target_link_libraries(${name} PRIVATE ${ARG_LIBS} GTest::gmock GTest::gtest_main)
  add_test(NAME ${name} COMMAND ${name})
endfunction()
