# `cmake --install`: the library with its headers, CMake package and pkg-config file (component development), and the
# programs (component server).
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

install(TARGETS lode EXPORT lode LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development)
install(DIRECTORY ${CMAKE_SOURCE_DIR}/include/lode DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development)

set(package ${CMAKE_INSTALL_LIBDIR}/cmake/lode)
install(EXPORT lode FILE lode-config.cmake NAMESPACE lode:: DESTINATION ${package} COMPONENT development)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/lode-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/lode-config-version.cmake DESTINATION ${package} COMPONENT development)

# Paths from the file itself, so that a prefix can be moved. Nothing is private here: a program that links the shared
# library needs no other one, neither at compile time nor at link time.
file(RELATIVE_PATH lode_prefix_from_pc /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
configure_file(${CMAKE_SOURCE_DIR}/cmake/lode.pc.in ${CMAKE_BINARY_DIR}/lode.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/lode.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT development)

foreach(program loded lodectl lode-bench)
  if(TARGET ${program})
    install(TARGETS ${program} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT server)
  endif()
endforeach()
