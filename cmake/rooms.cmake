# SPDX-License-Identifier: MIT
# A room is one folder of lib/: an object library that sees the public headers
# and its own folder, nothing else (docs/design.md, "who may include whom").
#
#   irqsim_room(pic8259 LAYER core SOURCES pic8259.c)
#
# LAYER is the link target that the room becomes part of: core, kernel or host.
function(irqsim_room name)
  cmake_parse_arguments(ROOM "" "LAYER" "SOURCES;LIBRARIES" ${ARGN})
  set(target irqsim_room_${name})
  add_library(${target} OBJECT ${ROOM_SOURCES})
  target_include_directories(${target} PUBLIC ${PROJECT_SOURCE_DIR}/include PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
  target_compile_features(${target} PUBLIC c_std_11)
  set_target_properties(${target} PROPERTIES C_EXTENSIONS OFF C_VISIBILITY_PRESET hidden
    POSITION_INDEPENDENT_CODE ON)
  target_link_libraries(${target} PRIVATE ${ROOM_LIBRARIES})
  irqsim_warnings(${target})
  set_property(GLOBAL APPEND PROPERTY IRQSIM_ROOMS_${ROOM_LAYER} ${target})
endfunction()
