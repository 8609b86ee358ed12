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
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/include
    ${CMAKE_CURRENT_SOURCE_DIR})
  irqsim_c11(${target})
  target_link_libraries(${target} PRIVATE ${ROOM_LIBRARIES})
  irqsim_warnings(${target})
  if(BUILD_SHARED_LIBS)
    # The symbol version script decides what is exported; inside the library a
    # call is a call.
    set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ON)
    target_compile_options(${target} PRIVATE -fno-semantic-interposition)
  endif()
  set_property(GLOBAL APPEND PROPERTY IRQSIM_ROOMS ${target})
  set_property(GLOBAL APPEND PROPERTY IRQSIM_ROOMS_${ROOM_LAYER} ${target})
  set_property(GLOBAL APPEND PROPERTY IRQSIM_LIBRARIES ${ROOM_LIBRARIES})
  set_property(GLOBAL APPEND PROPERTY IRQSIM_LIBRARIES_${ROOM_LAYER} ${ROOM_LIBRARIES})
endfunction()

# C11 as the standard has it, for one target.
function(irqsim_c11 target)
  set_target_properties(${target} PROPERTIES C_STANDARD 11 C_STANDARD_REQUIRED ON
    C_EXTENSIONS OFF)
endfunction()

# The objects of the rooms of one layer ("" = of all).
function(irqsim_objects layer result)
  if(layer)
    set(layer _${layer})
  endif()
  get_property(rooms GLOBAL PROPERTY IRQSIM_ROOMS${layer})
  list(TRANSFORM rooms REPLACE "(.+)" "$<TARGET_OBJECTS:\\1>" OUTPUT_VARIABLE objects)
  set(${result} ${objects} PARENT_SCOPE)
endfunction()

# A library that others link, irqsim::<name>, and what it needs from outside.
function(irqsim_library target name)
  add_library(irqsim::${name} ALIAS ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name} LINKER_LANGUAGE C)
  target_include_directories(${target} PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:include>)
  target_compile_features(${target} PUBLIC c_std_11)
endfunction()

# irqsim::core, irqsim::kernel or irqsim::host: the rooms of one layer as a
# static library, on top of the layer below it.
function(irqsim_layer layer)
  cmake_parse_arguments(LAYER "" "ON" "" ${ARGN})
  irqsim_objects("${layer}" objects)
  get_property(libraries GLOBAL PROPERTY IRQSIM_LIBRARIES_${layer})
  add_library(irqsim_${layer} STATIC ${objects})
  irqsim_library(irqsim_${layer} ${layer})
  target_link_libraries(irqsim_${layer} PUBLIC ${LAYER_ON} PRIVATE ${libraries})
endfunction()
