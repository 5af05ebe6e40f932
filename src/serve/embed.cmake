# SPDX-License-Identifier: Apache-2.0
# Writes files as C arrays: cmake -D OUTPUT=file.c -D "FILES=name=path;name=path" -P embed.cmake
set(text "/* Made by embed.cmake. */\n#include \"serve/embedded.h\"\n")
foreach(pair ${FILES})
  string(REGEX MATCH "^([^=]+)=(.*)$" matched "${pair}")
  set(name ${CMAKE_MATCH_1})
  file(READ "${CMAKE_MATCH_2}" hex HEX)
  string(LENGTH "${hex}" length)
  math(EXPR length "${length} / 2")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
  string(REGEX REPLACE "(................................................................................)" "\\1\n" bytes "${bytes}")
  string(APPEND text "static const unsigned char ${name}_bytes[] = {\n${bytes}\n};\n"
    "const struct view embedded_${name} = {(const char *)${name}_bytes, ${length}};\n")
endforeach()
file(WRITE "${OUTPUT}" "${text}")
