# SPDX-License-Identifier: Apache-2.0
# One target per floor, and the warnings that every target of this project is built with.

add_library(shopper_warnings INTERFACE)
target_compile_options(shopper_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes
  -Wold-style-definition -Wundef -Wvla -Wwrite-strings -Wcast-qual -Wformat=2 -Wswitch-enum
  -Wimplicit-fallthrough -Wnull-dereference -Wdouble-promotion
  $<$<BOOL:${SHOPPER_WERROR}>:-Werror>)
target_compile_features(shopper_warnings INTERFACE c_std_11)
target_compile_definitions(shopper_warnings INTERFACE
  _GNU_SOURCE SHOPPER_VERSION="${PROJECT_VERSION}")

# shopper_floor(NAME SOURCES file... [ON floor...] [OWNS library...] [SHOWS library...])
# ON names the floors below that it may include. A library is linked by its owner alone, unless the
# owner SHOWS it: then its types stand in the floor's headers.
function(shopper_floor name)
  cmake_parse_arguments(FLOOR "" "" "SOURCES;ON;OWNS;SHOWS" ${ARGN})
  add_library(floor_${name} STATIC ${FLOOR_SOURCES})
  target_include_directories(floor_${name} PUBLIC ${PROJECT_SOURCE_DIR}/src)
  list(TRANSFORM FLOOR_ON PREPEND floor_)
  target_link_libraries(floor_${name} PUBLIC ${FLOOR_ON} ${FLOOR_SHOWS}
                        PRIVATE shopper_warnings ${FLOOR_OWNS})
  if(CMAKE_INTERPROCEDURAL_OPTIMIZATION AND SHOPPER_TESTS)
    target_compile_options(floor_${name} PRIVATE $<$<C_COMPILER_ID:GNU>:-ffat-lto-objects>)
  endif()
  set_target_properties(floor_${name} PROPERTIES C_EXTENSIONS ON POSITION_INDEPENDENT_CODE ON)
endfunction()
