# SPDX-License-Identifier: Apache-2.0
# Texts that name places: what is installed stands elsewhere than in the repository. Runs at install time, when the prefix is known.
#   SOURCE, BINARY: directories; BINDIR, DOCDIR, DATADIR: below the prefix, or absolute

set(prefix ${CMAKE_INSTALL_PREFIX})
foreach(place BINDIR DOCDIR DATADIR)
  cmake_path(ABSOLUTE_PATH ${place} BASE_DIRECTORY ${prefix})
endforeach()
file(RELATIVE_PATH data ${DOCDIR} ${DATADIR}/shopper)
file(RELATIVE_PATH units ${DOCDIR} ${prefix}/lib/systemd/system)

# Links to what is not installed become plain words.
function(install_text file up)
  file(READ ${SOURCE}/${file} text)
  string(REPLACE "](docs/" "](" text "${text}")
  string(REPLACE "](${up}packaging/systemd/" "](${units}/" text "${text}")
  string(REPLACE "](${up}packaging/" "](${data}/" text "${text}")
  foreach(place journeys dashboards)
    string(REPLACE "](${up}${place}/" "](${data}/${place}/" text "${text}")
  endforeach()
  string(REGEX REPLACE "\\[([^]]*)\\]\\(${up}(tests|src|cmake|scripts|ARCHITECTURE|CONTRIBUTING)[^)]*\\)" "\\1" text "${text}")
  get_filename_component(name ${file} NAME)
  file(WRITE ${BINARY}/install/${name} "${text}")
  file(INSTALL ${BINARY}/install/${name} DESTINATION ${DOCDIR})
endfunction()

install_text(README.md "")
install_text(CHANGELOG.md "")
file(GLOB pages RELATIVE ${SOURCE} ${SOURCE}/docs/*.md)
foreach(page ${pages})
  install_text(${page} "../")
endforeach()

file(READ ${SOURCE}/packaging/systemd/shopper.service unit)
string(REPLACE "/usr/bin/shopper" "${BINDIR}/shopper" unit "${unit}")
file(WRITE ${BINARY}/install/shopper.service "${unit}")
file(INSTALL ${BINARY}/install/shopper.service DESTINATION ${prefix}/lib/systemd/system)
