# `cpack --config build/<preset>/CPackConfig.cmake`: the Debian packages lode (programs, service, manual) and lode-dev
# (library, headers). What is installed beside the programs is made by the build: pages of tools/pages, and the
# documented configuration with the data where the service has it.
set(packaging ${CMAKE_BINARY_DIR}/packaging)

file(READ ${CMAKE_SOURCE_DIR}/config/loded.toml configuration)
string(REPLACE "data_dir = \"./lode-data\"     " "data_dir = \"/var/lib/lode\"   " of_service "${configuration}")
if(of_service STREQUAL configuration)
  message(FATAL_ERROR "config/loded.toml has not the line of data_dir that the package changes")
endif()
file(WRITE ${packaging}/loded.toml "${of_service}")
set_property(DIRECTORY ${CMAKE_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/config/loded.toml)

# Reproducible: no time and no name in what is compressed.
find_program(GZIP gzip REQUIRED)
file(WRITE ${packaging}/changelog "lode (${PROJECT_VERSION}) bookworm; urgency=medium

  * Made by the build of Lode ${PROJECT_VERSION}; its history has what changed.

 -- The authors of Lode <maintainers@lode.invalid>  Thu, 01 Jan 2026 00:00:00 +0000
")
function(lode_gzip out in)
  add_custom_command(OUTPUT ${out} COMMAND ${GZIP} -9nc ${in} > ${out} DEPENDS ${in} VERBATIM)
endfunction()
set(compressed ${packaging}/changelog.gz)
lode_gzip(${packaging}/changelog.gz ${packaging}/changelog)
foreach(page loded.8 lodectl.1 lode-bench.1 loded.toml.5)
  lode_gzip(${packaging}/${page}.gz ${CMAKE_BINARY_DIR}/pages/${page})
  list(APPEND compressed ${packaging}/${page}.gz)
endforeach()
add_custom_target(compressed_pages ALL DEPENDS ${compressed})
add_dependencies(compressed_pages pages)

install(FILES ${packaging}/loded.toml DESTINATION /etc/lode COMPONENT service EXCLUDE_FROM_ALL)
install(FILES ${CMAKE_SOURCE_DIR}/config/loded.service DESTINATION /lib/systemd/system COMPONENT service EXCLUDE_FROM_ALL)
install(DIRECTORY ${CMAKE_SOURCE_DIR}/config/views ${CMAKE_SOURCE_DIR}/config/mappings
        DESTINATION ${CMAKE_INSTALL_DATADIR}/lode COMPONENT service EXCLUDE_FROM_ALL)
install(FILES ${packaging}/loded.8.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man8 COMPONENT service EXCLUDE_FROM_ALL)
install(FILES ${packaging}/lodectl.1.gz ${packaging}/lode-bench.1.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT service EXCLUDE_FROM_ALL)
install(FILES ${packaging}/loded.toml.5.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man5 COMPONENT service EXCLUDE_FROM_ALL)
foreach(program loded lodectl lode-bench)
  install(FILES ${CMAKE_BINARY_DIR}/pages/${program}.bash RENAME ${program}
          DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions COMPONENT service EXCLUDE_FROM_ALL)
  install(FILES ${CMAKE_BINARY_DIR}/pages/zsh/_${program}
          DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions COMPONENT service EXCLUDE_FROM_ALL)
  install(FILES ${CMAKE_BINARY_DIR}/pages/${program}.fish
          DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d COMPONENT service EXCLUDE_FROM_ALL)
endforeach()
install(FILES ${CMAKE_SOURCE_DIR}/packaging/copyright ${packaging}/changelog.gz
        DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/lode COMPONENT service EXCLUDE_FROM_ALL)
install(FILES ${CMAKE_SOURCE_DIR}/packaging/copyright ${packaging}/changelog.gz
        DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/lode-dev COMPONENT devdoc EXCLUDE_FROM_ALL)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME lode)
set(CPACK_PACKAGE_VENDOR "Lode")
set(CPACK_PACKAGE_CONTACT "The authors of Lode <maintainers@lode.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "event-sourced storage service for shops")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_PACKAGE_DIRECTORY ${CMAKE_BINARY_DIR})
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_ALL server service development devdoc)
set(CPACK_COMPONENTS_GROUPING ONE_PER_GROUP)
set(CPACK_COMPONENT_SERVER_GROUP lode)
set(CPACK_COMPONENT_SERVICE_GROUP lode)
set(CPACK_COMPONENT_DEVELOPMENT_GROUP dev)
set(CPACK_COMPONENT_DEVDOC_GROUP dev)

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_MAINTAINER "${CPACK_PACKAGE_CONTACT}")
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_LODE_PACKAGE_NAME lode)
set(CPACK_DEBIAN_LODE_PACKAGE_SECTION database)
set(CPACK_DEBIAN_LODE_PACKAGE_DEPENDS "adduser, init-system-helpers (>= 1.51), tzdata")
set(CPACK_DEBIAN_LODE_DESCRIPTION "A website backend posts purchase events; Lode appends them to a durable log,
keeps cleaned tables and continuously updated aggregates from that log, and
answers queries about them at once.
.
This package has the server loded, its service, the tool lodectl and the load
generator lode-bench.")
set(CPACK_DEBIAN_LODE_PACKAGE_CONTROL_EXTRA "${CMAKE_SOURCE_DIR}/packaging/conffiles;${CMAKE_SOURCE_DIR}/packaging/postinst;${CMAKE_SOURCE_DIR}/packaging/prerm;${CMAKE_SOURCE_DIR}/packaging/postrm")
set(CPACK_DEBIAN_DEV_PACKAGE_NAME lode-dev)
set(CPACK_DEBIAN_DEV_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEV_DESCRIPTION "The engine inside a program, and a client of the server: liblode with its
headers, CMake package and pkg-config file. A program opens a data folder,
appends, queries and follows it without a server, or sends events to one.")
set(CPACK_DEBIAN_DEV_PACKAGE_CONTROL_EXTRA "${CMAKE_SOURCE_DIR}/packaging/triggers;${CMAKE_SOURCE_DIR}/packaging/shlibs")
include(CPack)
