# SPDX-License-Identifier: MIT
# Libraries, headers, man pages; found again by find_package(irqsim) and by
# pkg-config.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/irqsim)

set(libraries irqsim irqsim_core irqsim_kernel)
if(IRQSIM_BUILD_HOST)
  list(APPEND libraries irqsim_host)
endif()
install(TARGETS ${libraries} EXPORT irqsim-targets)
install(DIRECTORY include/irqsim DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT irqsim-targets NAMESPACE irqsim:: DESTINATION ${package_dir})
configure_package_config_file(cmake/irqsim-config.cmake.in irqsim-config.cmake
  INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(irqsim-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/irqsim-config.cmake
  ${PROJECT_BINARY_DIR}/irqsim-config-version.cmake DESTINATION ${package_dir})

if(IRQSIM_BUILD_HOST)
  set(IRQSIM_PC_REQUIRES "zlib yaml-0.1")
endif()
file(RELATIVE_PATH IRQSIM_PC_UP /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
configure_file(cmake/irqsim.pc.in irqsim.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/irqsim.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

file(GLOB man_pages CONFIGURE_DEPENDS docs/man/*.[1-7])
foreach(page ${man_pages})
  string(REGEX MATCH "[1-7]$" section ${page})
  install(FILES ${page} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
endforeach()
if(TARGET irqsim_cli)
  install(TARGETS irqsim_cli)
endif()
